import type { EngineUsage } from '@podwright/contracts'
import type { ListDefinition } from '../render/list-definition.ts'
import { humanSize } from '../render/size.ts'

/** One line of `system df`: all things of one kind. */
export interface UsageRow {
  readonly type: string
  readonly total: number
  readonly active: number
  readonly sizeBytes: number
  readonly reclaimableBytes: number
}

/** In docker's and podman's order, by their names. */
export function usageRows({ images, containers, volumes }: EngineUsage): readonly UsageRow[] {
  const row = (type: string, usage: EngineUsage['images' | 'containers' | 'volumes']): UsageRow => ({
    type,
    total: usage.items.length,
    active: usage.active,
    sizeBytes: usage.sizeBytes,
    reclaimableBytes: usage.reclaimableBytes,
  })
  return [row('Images', images), row('Containers', containers), row('Local Volumes', volumes)]
}

/** How `system df` shows them. */
export const usageList: ListDefinition<UsageRow> = {
  typeName: 'DiskUsage',
  columns: ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'],
  titles: { TotalCount: 'TOTAL' },
  fields: {
    Type: ({ type }) => type,
    Total: ({ total }) => total,
    TotalCount: ({ total }) => total,
    Active: ({ active }) => active,
    Size: ({ sizeBytes }) => humanSize(sizeBytes),
    RawSize: ({ sizeBytes }) => sizeBytes,
    Reclaimable: reclaimable,
    RawReclaimable: ({ reclaimableBytes }) => reclaimableBytes,
  },
  records: (rows) => rows.map(usageRecord),
  line: usageLine,
}

function reclaimable({ sizeBytes, reclaimableBytes }: UsageRow): string {
  const percentage = sizeBytes === 0 ? 0 : Math.floor((100 * reclaimableBytes) / sizeBytes)
  return `${humanSize(reclaimableBytes)} (${percentage}%)`
}

/** A row in podman's `system df --format json`. */
function usageRecord(row: UsageRow): object {
  return {
    Type: row.type,
    Total: row.total,
    Active: row.active,
    RawSize: row.sizeBytes,
    RawReclaimable: row.reclaimableBytes,
    TotalCount: row.total,
    Size: humanSize(row.sizeBytes),
    Reclaimable: reclaimable(row),
  }
}

/** A row in docker's `system df --format '{{json .}}'`. */
function usageLine(row: UsageRow): object {
  return {
    Active: String(row.active),
    Reclaimable: reclaimable(row),
    Size: humanSize(row.sizeBytes),
    TotalCount: String(row.total),
    Type: row.type,
  }
}
