import { readFileSync } from 'node:fs'

/** What `/proc` says of a process beyond `ProcessStat`: what ps(1) shows. Ids are as the reader's namespaces have them. */
export interface ProcessDetails {
  readonly pid: number
  /** The executable's name, cut to 15 bytes. */
  readonly command: string
  /** Empty for a kernel thread and a zombie. */
  readonly args: readonly string[]
  /** `R`, `S`, `D`, `Z`, `T`, … */
  readonly state: string
  readonly parentPid: number
  /** The pid in each pid namespace, from the reader's to the process's own. */
  readonly pids: readonly number[]
  readonly processGroups: readonly number[]
  readonly sessions: readonly number[]
  /** The device number of its terminal; 0 without one. */
  readonly terminal: number
  /** Of user and kernel. */
  readonly cpuMs: number
  /** Since the boot. */
  readonly startMs: number
  readonly priority: number
  readonly nice: number
  readonly threads: number
  readonly virtualBytes: number
  readonly residentBytes: number
  /** Real, effective, saved, of the file system. */
  readonly userIds: readonly number[]
  readonly groupIds: readonly number[]
  /** Supplementary. */
  readonly groups: readonly number[]
  /** Masks, one bit for each capability. */
  readonly capabilities: Readonly<Record<CapabilitySet, bigint>>
  /** 0: off, 1: strict, 2: a filter. */
  readonly seccomp: number
}

/** A set of capabilities (capabilities(7)). */
export type CapabilitySet = 'inheritable' | 'permitted' | 'effective' | 'bounding' | 'ambient'

/** USER_HZ, which is 100 on all architectures that Node runs on. */
const tickMs = 10

/** Facts of a process (proc_pid_stat(5), proc_pid_status(5)); undefined when it is gone. */
export function readProcessDetails(pid: number): ProcessDetails | undefined {
  try {
    return details(pid, read(pid, 'stat'), statusFields(read(pid, 'status')), read(pid, 'cmdline'))
  } catch {
    return undefined
  }
}

function details(pid: number, stat: string, status: ReadonlyMap<string, string>, commandLine: string): ProcessDetails {
  // Behind the name, which is in parentheses and may hold some itself; the first of them is the third of proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3])
  const numbers = (name: string): readonly number[] => (status.get(name)?.match(/\d+/g) ?? []).map(Number)
  const mask = (name: string): bigint => BigInt(`0x${status.get(name) ?? '0'}`)
  return {
    pid,
    command: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
    args: commandLine === '' ? [] : commandLine.replace(/\0+$/, '').split('\0'),
    state: fields[0] ?? '',
    parentPid: field(4),
    pids: numbers('NSpid'),
    processGroups: numbers('NSpgid'),
    sessions: numbers('NSsid'),
    terminal: field(7),
    cpuMs: (field(14) + field(15)) * tickMs,
    startMs: field(22) * tickMs,
    priority: field(18),
    nice: field(19),
    threads: field(20),
    virtualBytes: field(23),
    residentBytes: (numbers('VmRSS')[0] ?? 0) * 1024,
    userIds: numbers('Uid'),
    groupIds: numbers('Gid'),
    groups: numbers('Groups'),
    capabilities: {
      inheritable: mask('CapInh'),
      permitted: mask('CapPrm'),
      effective: mask('CapEff'),
      bounding: mask('CapBnd'),
      ambient: mask('CapAmb'),
    },
    seccomp: numbers('Seccomp')[0] ?? 0,
  }
}

function statusFields(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()]
    }),
  )
}

function read(pid: number, name: string): string {
  return readFileSync(`/proc/${pid}/${name}`, 'utf8')
}
