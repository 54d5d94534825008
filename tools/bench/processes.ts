import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Every process id that is in use. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** proc_pid_stat(5): the second field is a name in parentheses, which may hold anything; the fourth is the parent. */
export function parentOf(pid: number): number | undefined {
  const stat = textOf(`/proc/${pid}/stat`)
  const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return rest[1] === undefined ? undefined : Number(rest[1])
}

/** What a process has for itself and its part of what it shares (the Pss of proc(5)), in bytes; 0 when it has ended. */
export function pssOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1]
  return Number(kilobytes ?? 0) * 1024
}

/** A file's text; empty when it can't be read, as those of a process that has ended. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Where a symbolic link leads; empty when it can't be read. */
export function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** The names in a directory; none when it can't be read. */
export function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
