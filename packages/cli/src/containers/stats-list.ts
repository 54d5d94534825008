import type { ContainerStats } from '@podwright/contracts'
import { goDuration } from '../render/go-duration.ts'
import type { ListDefinition } from '../render/list-definition.ts'
import { binarySize, humanSize } from '../render/size.ts'

/** A container at a moment. */
export interface StatsRow {
  readonly id: string
  readonly name: string
  /** As it was named on the command line, else its id. */
  readonly reference: string
  /** Undefined while it doesn't run. */
  readonly stats: ContainerStats | undefined
  /** At the look before. @default its start counts */
  readonly before?: ContainerStats | undefined
}

/** How `stats` shows containers: docker's columns; docker's fields and podman's. Where the two put different values under one name, docker's holds. */
export function statsList({ whole }: { readonly whole: boolean }): ListDefinition<StatsRow> {
  const shownId = ({ id }: StatsRow): string => (whole ? id : id.slice(0, 12))
  const fields: ListDefinition<StatsRow>['fields'] = {
    Container: ({ reference }) => reference,
    ID: shownId,
    Name: ({ name }) => name,
    CPUPerc: (row) => percent(cpuShare(row)),
    MemUsage: ({ stats }) => pair(stats && [stats.memoryBytes, stats.memoryLimitBytes], binarySize),
    MemPerc: (row) => percent(memoryShare(row)),
    NetIO: ({ stats }) => pair(stats && [stats.network.receivedBytes, stats.network.sentBytes], humanSize),
    BlockIO: ({ stats }) => pair(stats && [stats.block.readBytes, stats.block.writtenBytes], humanSize),
    PIDs: ({ stats }) => String(stats?.pids ?? '--'),
    PIDS: ({ stats }) => stats?.pids ?? 0,
    CPU: (row) => (cpuShare(row) ?? 0) * 100,
    CPUNano: ({ stats }) => stats?.cpuNs ?? 0,
    AvgCPU: ({ stats }) => percent(averageShare(stats)),
    MemLimit: ({ stats }) => stats?.memoryLimitBytes ?? 0,
    MemUsageBytes: ({ stats }) => pair(stats && [stats.memoryBytes, stats.memoryLimitBytes], binarySize),
    NetInput: ({ stats }) => stats?.network.receivedBytes ?? 0,
    NetOutput: ({ stats }) => stats?.network.sentBytes ?? 0,
    BlockInput: ({ stats }) => stats?.block.readBytes ?? 0,
    BlockOutput: ({ stats }) => stats?.block.writtenBytes ?? 0,
    UpTime: ({ stats }) => goDuration((stats?.cpuNs ?? 0) / 1e6),
  }
  return {
    typeName: 'ContainerStats',
    columns: ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'],
    titles: {
      ID: 'CONTAINER ID',
      CPUPerc: 'CPU %',
      AvgCPU: 'AVG CPU %',
      MemUsage: 'MEM USAGE / LIMIT',
      MemPerc: 'MEM %',
      NetIO: 'NET I/O',
      BlockIO: 'BLOCK I/O',
      PIDs: 'PIDS',
      UpTime: 'CPU TIME',
    },
    fields,
    records: (rows) => rows.map((row) => record(row, shownId(row))),
    line: (row) => docker(row, fields),
  }
}

/** A container in podman's `stats --format json`. */
function record(row: StatsRow, id: string): object {
  const { name, stats } = row
  return {
    id,
    name,
    cpu_time: goDuration((stats?.cpuNs ?? 0) / 1e6),
    cpu_percent: percent(cpuShare(row)),
    avg_cpu: percent(averageShare(stats)),
    mem_usage: pair(stats && [stats.memoryBytes, stats.memoryLimitBytes], binarySize),
    mem_percent: percent(memoryShare(row)),
    net_io: pair(stats && [stats.network.receivedBytes, stats.network.sentBytes], humanSize),
    block_io: pair(stats && [stats.block.readBytes, stats.block.writtenBytes], humanSize),
    pids: String(stats?.pids ?? '--'),
  }
}

/** A container in docker's `stats --format '{{json .}}'`. */
function docker(row: StatsRow, fields: ListDefinition<StatsRow>['fields']): object {
  const names = ['BlockIO', 'CPUPerc', 'Container', 'ID', 'MemPerc', 'MemUsage', 'Name', 'NetIO', 'PIDs']
  return Object.fromEntries(names.map((name) => [name, fields[name]?.(row)]))
}

/** Of one processor, since the look before: two that are busy are 2. */
function cpuShare({ stats, before }: StatsRow): number | undefined {
  if (stats === undefined || before === undefined) return averageShare(stats)
  const elapsedNs = (stats.at.getTime() - before.at.getTime()) * 1e6
  return elapsedNs > 0 ? Math.max(0, stats.cpuNs - before.cpuNs) / elapsedNs : 0
}

/** The same, since its start. */
function averageShare(stats: ContainerStats | undefined): number | undefined {
  if (stats === undefined) return undefined
  const elapsedNs = stats.startedAt === undefined ? 0 : (stats.at.getTime() - stats.startedAt.getTime()) * 1e6
  return elapsedNs > 0 ? stats.cpuNs / elapsedNs : 0
}

function memoryShare({ stats }: StatsRow): number | undefined {
  return stats === undefined ? undefined : stats.memoryLimitBytes > 0 ? stats.memoryBytes / stats.memoryLimitBytes : 0
}

function percent(share: number | undefined): string {
  return share === undefined ? '--' : `${(share * 100).toFixed(2)}%`
}

function pair(values: readonly [number, number] | undefined, text: (bytes: number) => string): string {
  return values === undefined ? '-- / --' : `${text(values[0])} / ${text(values[1])}`
}
