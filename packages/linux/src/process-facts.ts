import { readFileSync, readlinkSync } from 'node:fs'

/** What `/proc/PID/stat` says of a process (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly pid: number
  /** The executable's name, cut to 15 bytes; may hold blanks and parentheses. */
  readonly command: string
  /** `R`, `S`, `D`, `Z` (dead, not yet waited for), `T`, … */
  readonly state: string
  readonly parentPid: number
  readonly processGroup: number
  readonly session: number
  /** In clock ticks since the boot. With the pid and the boot id it names a process for good. */
  readonly startTime: number
}

/** A kind of namespace, as named in `/proc/PID/ns`. */
export type NamespaceKind = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'time' | 'user' | 'uts'

/** Facts of a process; undefined when there is none of that pid. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  const text = readOrUndefined(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The name is in parentheses and may hold some itself, so that only the last one ends it.
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  const fields = text.slice(close + 2).split(' ')
  return {
    pid,
    command: text.slice(open + 1, close),
    state: fields[0] ?? '',
    parentPid: Number(fields[1]),
    processGroup: Number(fields[2]),
    session: Number(fields[3]),
    startTime: Number(fields[19]),
  }
}

/** Whether the process of that pid lives (a zombie does not) and is the one that started then. */
export function isSameProcess(pid: number, startTime: number): boolean {
  const stat = readProcessStat(pid)
  return stat !== undefined && stat.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X'
}

let boot: string | undefined

/** Names this run of the kernel; another after each boot. Empty where /proc does not tell. */
export function bootId(): string {
  boot ??= readOrUndefined('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  return boot
}

/** The inode that names a process's namespace; undefined when the process is gone or not ours to look at. */
export function namespaceInode(pid: number | 'self', kind: NamespaceKind): number | undefined {
  try {
    const link = readlinkSync(`/proc/${pid}/ns/${kind}`)
    return Number(link.slice(link.indexOf('[') + 1, -1))
  } catch {
    return undefined
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
