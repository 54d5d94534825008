import type { ContainerStats } from '@podwright/contracts'
import { type ControlGroup, controlGroupOf, probeMemory } from '@podwright/linux'
import { EngineError } from '../../errors.ts'
import type { EngineParts } from '../../parts.ts'
import type { ContainerRecord } from '../../state/record.ts'
import { noControlGroup } from '../no-control-group.ts'
import { observe } from '../observe.ts'
import { type GroupUsage, readUsageV1, readUsageV2 } from './group-usage.ts'
import { readOrEmpty } from '../read-or-empty.ts'

/** What a running or paused container uses. */
export function readStats(parts: EngineParts, record: ContainerRecord): ContainerStats {
  const { id, name } = record
  const { pid, status, startedAt } = observe(record, parts.evidence)
  if (pid === 0) {
    throw new EngineError('ERR_CONTAINER_NOT_RUNNING', `cannot tell what ${name} uses: it is ${status}`, { details: { id, status } })
  }
  const usage = groupUsage(pid, id)
  if (usage === undefined) throw noControlGroup(parts, record, 'tell what is used by', 'these alone count it')
  const machineBytes = probeMemory().totalBytes
  return {
    ...usage,
    id,
    name,
    at: new Date(parts.clock.now()),
    startedAt: startedAt === undefined ? undefined : new Date(startedAt),
    memoryLimitBytes: Math.min(usage.memoryLimitBytes ?? machineBytes, machineBytes),
    network: record.network === 'host' ? { receivedBytes: 0, sentBytes: 0 } : networkUsage(pid),
  }
}

/** Undefined when the container has no control group of its own. */
function groupUsage(pid: number, id: string): GroupUsage | undefined {
  const memory = ownGroup(pid, 'memory', id)
  const cpuacct = ownGroup(pid, 'cpuacct', id)
  const group = memory ?? cpuacct
  if (group === undefined) return undefined
  if (group.version === 2) return readUsageV2(group.path)
  return readUsageV1({
    cpuacct: cpuacct?.path,
    memory: memory?.path,
    pids: ownGroup(pid, 'pids', id)?.path,
    blkio: ownGroup(pid, 'blkio', id)?.path,
  })
}

/** The one that is named by the container's id, or its scope of systemd, in which crun limits the group `container`; its first process may have moved to one below. */
function ownGroup(pid: number, controller: string, id: string): ControlGroup | undefined {
  const group = controlGroupOf(pid, controller)
  const path = group && new RegExp(`^.*/(?:podwright-)?${id}(?:\\.scope(?:/container)?)?(?=/|$)`).exec(group.path)?.[0]
  return group === undefined || path === undefined ? undefined : { ...group, path }
}

/** proc_pid_net(5): the first and the ninth number of an interface's line are the bytes that came and went. */
function networkUsage(pid: number): ContainerStats['network'] {
  const lines = readOrEmpty(`/proc/${pid}/net/dev`)
    .split('\n')
    .map((line) => line.trim().split(/[:\s]+/))
    .filter(([name = '', bytes = '']) => name !== 'lo' && /^\d+$/.test(bytes))
  const sum = (column: number): number => lines.reduce((total, fields) => total + Number(fields[column] ?? 0), 0)
  return { receivedBytes: sum(1), sentBytes: sum(9) }
}
