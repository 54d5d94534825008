import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process that has to do with a directory. */
export interface Leftover {
  readonly pid: number
  readonly command: string
}

/** The processes that name `directory` in their arguments or environment, or have something mounted from it. */
export function processesOf(directory: string): readonly Leftover[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => ['cmdline', 'environ'].some((file) => mentions(name, file, directory)) || mountsBeyondOurs(name, directory))
    .map((name) => ({
      pid: Number(name),
      command: read(join('/proc', name, 'cmdline'))
        .replaceAll('\0', ' ')
        .trim(),
    }))
    .filter(({ command }) => command !== '')
}

/** The mount points of this mount namespace below `directory`. */
export function mountsBelow(directory: string): readonly string[] {
  return mountPoints('self').filter((point) => point.startsWith(`${directory}/`))
}

/** Waits until `look` finds nothing; resolves with what it still found at the end. */
export async function untilNothing<Found>(look: () => readonly Found[], timeoutMs = 15_000): Promise<readonly Found[]> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = look()
    if (found.length === 0 || Date.now() > deadline) return found
    await sleep(50)
  }
}

function mentions(pid: string, file: string, text: string): boolean {
  return read(join('/proc', pid, file)).includes(text)
}

/** A mount in a namespace other than ours: in ours, every process would have it. */
function mountsBeyondOurs(pid: string, directory: string): boolean {
  const ours = new Set(mountPoints('self'))
  return (
    mountPoints(pid).some((point) => !ours.has(point) && point.includes(directory)) || mentions(pid, 'mountinfo', `upperdir=${directory}`)
  )
}

function mountPoints(pid: string): string[] {
  return read(join('/proc', pid, 'mountinfo'))
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended meanwhile, or is somebody else's.
    return ''
  }
}
