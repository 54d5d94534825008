import type { AbortOptions } from '@podwright/conventions'
import type { Digest } from '@podwright/oci'
import { rmSync, statSync } from 'node:fs'
import { existsSync } from 'node:fs'
import { reapLeases } from './leases.ts'
import { change, optionalNumber, row, rows, type Store, text } from './store.ts'
import { deleteTrees, moveToTrash } from './trash.ts'

/** What may have become garbage. */
export interface Suspects {
  readonly blobs: readonly Digest[]
  readonly layers: readonly Digest[]
}

/** What a sweep took away. */
export interface Swept {
  readonly blobs: number
  readonly layers: number
  readonly freedBytes: number
}

/** Files that are deleted in one transaction. */
const batch = 64

/**
 * Deletes those suspects that nothing reaches and nothing leases. Everything that makes something reachable is written in a transaction, and so are the
 * deletions, so that none can come between looking and deleting.
 */
export async function sweep(store: Store, suspects: Suspects, options: AbortOptions): Promise<Swept> {
  if (suspects.blobs.length === 0 && suspects.layers.length === 0) return { blobs: 0, layers: 0, freedBytes: 0 }
  await reapLeases(store, options)
  const blobs = await sweepBlobs(store, suspects.blobs, options)
  const layers = await sweepLayers(store, suspects.layers, options)
  return { blobs: blobs.count, layers: layers.count, freedBytes: blobs.freedBytes + layers.freedBytes }
}

interface Count {
  readonly count: number
  readonly freedBytes: number
}

const blobIsKept = `
SELECT 1 WHERE EXISTS (SELECT 1 FROM manifests WHERE digest = ?1)
  OR EXISTS (SELECT 1 FROM manifest_references WHERE digest = ?1 AND role <> 'manifest')
  OR EXISTS (SELECT 1 FROM lease_items WHERE kind = 'blob' AND digest = ?1)`

async function sweepBlobs(store: Store, digests: readonly Digest[], options: AbortOptions): Promise<Count> {
  let count = 0
  let freedBytes = 0
  for (let start = 0; start < digests.length; start += batch) {
    await store.database.transaction(() => {
      for (const digest of digests.slice(start, start + batch)) {
        const path = store.paths.blob(digest)
        const size = statSync(path, { throwIfNoEntry: false })?.size
        if (size === undefined || row(store.database, blobIsKept, digest) !== undefined) continue
        rmSync(path, { force: true })
        count += 1
        freedBytes += size
      }
    }, options)
  }
  return { count, freedBytes }
}

/** The layers that images, snapshots and leases need, with all below them. */
export const reachableLayers = `
WITH RECURSIVE reachable(chain_id) AS (
  SELECT top_layer FROM images WHERE top_layer IS NOT NULL
  UNION SELECT top_layer FROM snapshots WHERE top_layer IS NOT NULL
  UNION SELECT digest FROM lease_items WHERE kind = 'layer'
  UNION SELECT layers.parent FROM reachable JOIN layers USING (chain_id) WHERE layers.parent IS NOT NULL
)`

/** First the rows, on disk; then the directories, which without rows are garbage if anything happens between. */
async function sweepLayers(store: Store, chainIds: readonly Digest[], options: AbortOptions): Promise<Count> {
  if (chainIds.length === 0) return { count: 0, freedBytes: 0 }
  const forgotten = await store.database.transaction(() => forgetLayers(store, new Set(chainIds)), { ...options, durable: true })
  await deleteUnrecorded(
    store,
    forgotten.map(({ chainId }) => chainId),
    options,
  )
  return { count: forgotten.length, freedBytes: forgotten.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
}

function forgetLayers(store: Store, suspects: ReadonlySet<string>): { readonly chainId: Digest; readonly sizeBytes: number }[] {
  const unreachable = rows(store.database, `${reachableLayers} SELECT * FROM layers WHERE chain_id NOT IN reachable`)
  const forgotten = unreachable.filter((columns) => suspects.has(text(columns['chain_id'])))
  return forgotten.map((columns) => {
    const chainId = text(columns['chain_id']) as Digest
    change(store.database, 'DELETE FROM layers WHERE chain_id = ?', chainId)
    rmSync(store.paths.link(text(columns['link'])), { force: true })
    return { chainId, sizeBytes: optionalNumber(columns['size_bytes']) ?? 0 }
  })
}

/** Deletes the directories of layers that have no row: unless one was made again meanwhile, or a lease is on the way to it. */
export async function deleteUnrecorded(store: Store, chainIds: readonly Digest[], options: AbortOptions): Promise<number> {
  const trashed: string[] = []
  await store.database.transaction(() => {
    for (const chainId of chainIds) {
      const path = store.paths.layer(chainId)
      const recorded = row(store.database, 'SELECT 1 FROM layers WHERE chain_id = ?', chainId)
      const leased = row(store.database, "SELECT 1 FROM lease_items WHERE kind = 'layer' AND digest = ?", chainId)
      if (recorded !== undefined || leased !== undefined || !existsSync(path)) continue
      const moved = moveToTrash(store, path)
      if (moved !== undefined) trashed.push(moved)
    }
  }, options)
  await deleteTrees(store.namespace, trashed, options)
  return trashed.length
}
