import { readFileSync } from 'node:fs'

/** One mount, as `/proc/PID/mountinfo` has it (proc_pid_mountinfo(5)). */
export interface MountInfo {
  readonly id: number
  readonly parentId: number
  /** `major:minor` of the file system. */
  readonly device: string
  /** The part of the file system that is mounted. */
  readonly root: string
  readonly target: string
  /** Of this mount: `ro`, `nosuid`, `nodev`, … */
  readonly options: readonly string[]
  /** `shared:N`, `master:N`, `propagate_from:N`, `unbindable`. */
  readonly propagation: readonly string[]
  readonly type: string
  readonly source: string
  /** Of the file system. */
  readonly superOptions: readonly string[]
}

/** The mounts that a process sees, in the kernel's order; none when it is gone. */
export function readMounts(pid: number | 'self' = 'self'): MountInfo[] {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
  } catch {
    return []
  }
  return parseMounts(text)
}

/** Parses the text of a mountinfo file. */
export function parseMounts(text: string): MountInfo[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseMount)
}

function parseMount(line: string): MountInfo {
  const separator = line.indexOf(' - ')
  const [id, parentId, device = '', root = '', target = '', options = '', ...propagation] = line.slice(0, separator).split(' ')
  const [type = '', source = '', superOptions = ''] = line.slice(separator + 3).split(' ')
  return {
    id: Number(id),
    parentId: Number(parentId),
    device,
    root: unescape(root),
    target: unescape(target),
    options: options.split(','),
    propagation,
    type,
    source: unescape(source),
    superOptions: superOptions.split(','),
  }
}

/** Blanks, tabs, newlines and backslashes are written as `\040` and so on. Bytes above 127 are not escaped. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** The mount on which an absolute, resolved path lies: of those with the longest target above it, the topmost. */
export function mountOf(path: string, mounts: readonly MountInfo[] = readMounts()): MountInfo | undefined {
  let best: MountInfo | undefined
  for (const mount of mounts) {
    const above = mount.target === '/' || path === mount.target || path.startsWith(`${mount.target}/`)
    if (above && (best === undefined || mount.target.length >= best.target.length)) best = mount
  }
  return best
}
