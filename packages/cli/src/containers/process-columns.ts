import type { ContainerProcess, ProcessAccount, ProcessCapabilities } from '@podwright/contracts'
import { goDuration } from '../render/go-duration.ts'

/** A column of `top`. */
export interface ProcessColumn {
  readonly title: string
  /** As it is, with whatever the container put in. */
  readonly value: (process: ContainerProcess) => string | number
}

/** What podman's `top` shows when nothing is asked for. */
export const defaultDescriptors: readonly string[] = ['user', 'pid', 'ppid', 'pcpu', 'etime', 'tty', 'time', 'args']

/** podman's format descriptors. */
export const descriptorColumns: Readonly<Record<string, ProcessColumn>> = {
  args: { title: 'COMMAND', value: commandOf },
  capamb: { title: 'AMBIENT CAPS', value: ({ capabilities }) => capabilitiesOf(capabilities.ambient) },
  capbnd: { title: 'BOUNDING CAPS', value: ({ capabilities }) => capabilitiesOf(capabilities.bounding) },
  capeff: { title: 'EFFECTIVE CAPS', value: ({ capabilities }) => capabilitiesOf(capabilities.effective) },
  capinh: { title: 'INHERITED CAPS', value: ({ capabilities }) => capabilitiesOf(capabilities.inheritable) },
  capprm: { title: 'PERMITTED CAPS', value: ({ capabilities }) => capabilitiesOf(capabilities.permitted) },
  comm: { title: 'COMMAND', value: ({ command }) => command },
  etime: { title: 'ELAPSED', value: ({ elapsedMs }) => goDuration(elapsedMs) },
  group: { title: 'GROUP', value: ({ group }) => group.name },
  groups: { title: 'GROUPS', value: ({ groups }) => namesOf(groups, 'name') },
  hgroup: { title: 'HGROUP', value: ({ group }) => group.hostName },
  hgroups: { title: 'HGROUPS', value: ({ groups }) => namesOf(groups, 'hostName') },
  hpid: { title: 'HPID', value: ({ hostPid }) => hostPid },
  huser: { title: 'HUSER', value: ({ user }) => user.hostName },
  label: { title: 'LABEL', value: ({ label = '?' }) => label },
  nice: { title: 'NI', value: ({ nice }) => nice },
  pcpu: { title: '%CPU', value: (process) => cpuPercent(process).toFixed(3) },
  pgid: { title: 'PGID', value: ({ processGroup }) => processGroup },
  pid: { title: 'PID', value: ({ pid }) => pid },
  ppid: { title: 'PPID', value: ({ parentPid }) => parentPid },
  rgroup: { title: 'RGROUP', value: ({ realGroup }) => realGroup.name },
  rss: { title: 'RSS', value: ({ residentBytes }) => kib(residentBytes) },
  ruser: { title: 'RUSER', value: ({ realUser }) => realUser.name },
  seccomp: { title: 'SECCOMP', value: ({ seccomp }) => seccomp },
  state: { title: 'STATE', value: ({ state }) => state },
  stime: { title: 'STIME', value: ({ startedAt }) => `${startedAt.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC` },
  time: { title: 'TIME', value: ({ cpuMs }) => goDuration(cpuMs) },
  tty: { title: 'TTY', value: terminalOf },
  user: { title: 'USER', value: ({ user }) => user.name },
  vsz: { title: 'VSZ', value: ({ virtualBytes }) => kib(virtualBytes) },
}

/** AIX's and POSIX's letters for some of them. */
export const descriptorCodes: Readonly<Record<string, string>> = {
  '%C': 'pcpu',
  '%G': 'group',
  '%P': 'ppid',
  '%U': 'user',
  '%a': 'args',
  '%c': 'comm',
  '%g': 'rgroup',
  '%n': 'nice',
  '%p': 'pid',
  '%r': 'pgid',
  '%t': 'etime',
  '%u': 'ruser',
  '%x': 'time',
  '%y': 'tty',
  '%z': 'vsz',
}

/** The words that a process was started with; a zombie's name in brackets, as ps has it. */
export function commandOf({ args, command }: ContainerProcess): string {
  return args.length === 0 ? `[${command}]` : args.join(' ')
}

/** Of one processor, since it was started. */
export function cpuPercent({ cpuMs, elapsedMs }: ContainerProcess): number {
  return elapsedMs > 0 ? (cpuMs / elapsedMs) * 100 : 0
}

export function kib(bytes: number): number {
  return Math.round(bytes / 1024)
}

export function terminalOf({ terminal = '?' }: ContainerProcess): string {
  return terminal
}

function namesOf(accounts: readonly ProcessAccount[], field: 'name' | 'hostName'): string {
  return accounts.map((account) => account[field]).join(',')
}

function capabilitiesOf(capabilities: ProcessCapabilities): string {
  if (capabilities === 'full') return 'full'
  return capabilities.length === 0 ? 'none' : capabilities.map((name) => name.replace(/^CAP_/, '')).join(',')
}
