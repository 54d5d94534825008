import type { ContainerSummary } from '@podwright/contracts'
import type { ListDefinition } from '../render/list-definition.ts'

/** Columns of `ps --ns`: podman's names, the kernel's in `/proc/PID/ns`, and podman's in JSON. */
const namespaces = [
  { field: 'CGROUPNS', file: 'cgroup', key: 'Cgroup' },
  { field: 'IPC', file: 'ipc', key: 'Ipc' },
  { field: 'MNT', file: 'mnt', key: 'Mnt' },
  { field: 'NET', file: 'net', key: 'Net' },
  { field: 'PIDNS', file: 'pid', key: 'Pidns' },
  { field: 'USERNS', file: 'user', key: 'User' },
  { field: 'UTS', file: 'uts', key: 'Uts' },
] as const

type List = ListDefinition<ContainerSummary>

/** The list of `ps`, with the namespaces of each container's first process by the numbers that lsns(8) shows; empty for one that does not run. */
export function withNamespaces(list: List): List {
  return {
    ...list,
    columns: ['ID', 'Names', 'Pid', ...namespaces.map(({ field }) => field)],
    titles: { ...list.titles, ...Object.fromEntries(namespaces.map(({ field }) => [field, field])) },
    fields: { ...list.fields, ...Object.fromEntries(namespaces.map(({ field, file }) => [field, of(file)])) },
    records: (containers) => list.records(containers).map((record, at) => ({ ...record, Namespaces: recordOf(containers[at]) })),
  }
}

function of(file: string): (container: ContainerSummary) => string {
  return ({ state }) => namespaceNumber(state.pid, file)
}

function recordOf(container: ContainerSummary | undefined): object {
  const numbers = namespaces.map(({ key, file }) => [key, namespaceNumber(container?.state.pid ?? 0, file)] as const)
  return Object.fromEntries(numbers.filter(([, number]) => number !== ''))
}

function namespaceNumber(pid: number, file: string): string {
  if (pid === 0) return ''
  try {
    const link = process.getBuiltinModule('node:fs').readlinkSync(`/proc/${pid}/ns/${file}`)
    return /\[(\d+)\]$/.exec(link)?.[1] ?? ''
  } catch {
    // It has ended meanwhile.
    return ''
  }
}
