import type { AbortOptions } from '@podwright/conventions'
import type { RemovedImage } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { rolledBack } from './dry-run.ts'
import { reapLeases } from './leases.ts'
import type { Store } from './store.ts'
import { type Suspects, sweep, wouldSweep } from './sweep.ts'

/** What a removal did to the rows, and what may have become garbage by it. */
export interface Removal {
  readonly untagged: readonly string[]
  readonly deleted: readonly Digest[]
  readonly suspects: Suspects
}

/** Nothing has become garbage. */
export const nothing: Suspects = { blobs: [], layers: [] }

/** Options of `carryOut`. */
export interface CarryOutOptions extends AbortOptions {
  readonly dryRun?: boolean | undefined
}

/** Carries a removal out and frees its space; a dry run only finds out what that would come to. */
export async function carryOut(store: Store, remove: () => Removal, options: CarryOutOptions): Promise<RemovedImage> {
  if (options.dryRun === true) return tryOut(store, remove, options)
  const { untagged, deleted, suspects } = await store.database.transaction(remove, { ...options, durable: true, makesRoom: true })
  const { freedBytes } = await sweep(store, suspects, options)
  return { untagged, deleted, freedBytes }
}

async function tryOut(store: Store, remove: () => Removal, options: AbortOptions): Promise<RemovedImage> {
  await reapLeases(store, options)
  return store.database.transaction(
    () =>
      rolledBack(store.database, () => {
        const { untagged, deleted, suspects } = remove()
        const freedBytes = wouldSweep(store, suspects).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
        return { untagged, deleted, freedBytes }
      }),
    options,
  )
}

/** Several removals as one. */
export function allOf(removals: readonly Removal[]): Removal {
  return {
    untagged: removals.flatMap(({ untagged }) => untagged),
    deleted: removals.flatMap(({ deleted }) => deleted),
    suspects: {
      blobs: [...new Set(removals.flatMap(({ suspects }) => suspects.blobs))],
      layers: [...new Set(removals.flatMap(({ suspects }) => suspects.layers))],
    },
  }
}
