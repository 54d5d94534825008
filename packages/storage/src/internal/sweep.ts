import type { AbortOptions } from '@podwright/conventions'
import type { GarbageItem } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { existsSync, rmSync, statSync } from 'node:fs'
import { reapLeases } from './leases.ts'
import { optionalNumber, row, rows, type Store, text } from './store.ts'
import { deleteTrees, moveToTrash } from './trash.ts'

/** What may have become garbage. */
export interface Suspects {
  readonly blobs: readonly Digest[]
  readonly layers: readonly Digest[]
}

/** What a sweep took away. */
export interface Swept {
  readonly items: readonly GarbageItem[]
  readonly freedBytes: number
}

/** Files that are deleted in one transaction. */
const batch = 64

/**
 * Deletes those suspects that nothing reaches and nothing leases. Everything that makes something reachable is written in a transaction, and so are the
 * deletions, so that none can come between looking and deleting.
 */
export async function sweep(store: Store, suspects: Suspects, options: AbortOptions): Promise<Swept> {
  if (suspects.blobs.length === 0 && suspects.layers.length === 0) return { items: [], freedBytes: 0 }
  await reapLeases(store, options)
  const items = [...(await sweepBlobs(store, suspects.blobs, options)), ...(await sweepLayers(store, suspects.layers, options))]
  return { items, freedBytes: items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
}

/** Inside a transaction: what a sweep would take. */
export function wouldSweep(store: Store, suspects: Suspects): GarbageItem[] {
  const blobs = suspects.blobs.map((digest) => unkeptBlob(store, digest)).filter((item) => item !== undefined)
  return [...blobs, ...unreachableLayers(store, new Set(suspects.layers))]
}

const blobIsKept = `
SELECT 1 WHERE EXISTS (SELECT 1 FROM manifests WHERE digest = ?1)
  OR EXISTS (SELECT 1 FROM manifest_references WHERE digest = ?1 AND role <> 'manifest')
  OR EXISTS (SELECT 1 FROM lease_items WHERE kind = 'blob' AND digest = ?1)`

function unkeptBlob(store: Store, digest: Digest): GarbageItem | undefined {
  const sizeBytes = statSync(store.paths.blob(digest), { throwIfNoEntry: false })?.size
  if (sizeBytes === undefined || row(store.database, blobIsKept, digest) !== undefined) return undefined
  return { kind: 'blob', name: digest, sizeBytes }
}

async function sweepBlobs(store: Store, digests: readonly Digest[], options: AbortOptions): Promise<GarbageItem[]> {
  const swept: GarbageItem[] = []
  for (let start = 0; start < digests.length; start += batch) {
    await store.database.transaction(() => {
      for (const digest of digests.slice(start, start + batch)) {
        const item = unkeptBlob(store, digest)
        if (item === undefined) continue
        rmSync(store.paths.blob(digest), { force: true })
        swept.push(item)
      }
    }, options)
  }
  return swept
}

/** The layers that images, snapshots and leases need, with all below them. */
export const reachableLayers = `
WITH RECURSIVE reachable(chain_id) AS (
  SELECT top_layer FROM images WHERE top_layer IS NOT NULL
  UNION SELECT top_layer FROM snapshots WHERE top_layer IS NOT NULL
  UNION SELECT digest FROM lease_items WHERE kind = 'layer'
  UNION SELECT layers.parent FROM reachable JOIN layers USING (chain_id) WHERE layers.parent IS NOT NULL
)`

/** First the rows, on disk; then links and directories, which without rows are garbage if anything happens between. */
async function sweepLayers(store: Store, chainIds: readonly Digest[], options: AbortOptions): Promise<GarbageItem[]> {
  if (chainIds.length === 0) return []
  const suspects = new Set<string>(chainIds)
  const { items, links } = await store.database.transaction(() => forgetLayers(store, suspects), {
    ...options,
    durable: true,
    makesRoom: true,
  })
  await deleteUnrecorded(
    store,
    items.map(({ name }) => name as Digest),
    options,
    links,
  )
  return items
}

function forgetLayers(store: Store, suspects: ReadonlySet<string>): { readonly items: GarbageItem[]; readonly links: readonly string[] } {
  const items = unreachableLayers(store, suspects)
  const links = items.flatMap(({ name }) => rows(store.database, 'DELETE FROM layers WHERE chain_id = ? RETURNING link', name))
  return { items, links: links.map(({ link }) => text(link)) }
}

/** Whether a layer has this link. */
export function isKnownLink(store: Store, link: string): boolean {
  return row(store.database, 'SELECT 1 FROM layers WHERE link = ?', link) !== undefined
}

function unreachableLayers(store: Store, suspects: ReadonlySet<string>): GarbageItem[] {
  if (suspects.size === 0) return []
  const unreachable = rows(
    store.database,
    `${reachableLayers} SELECT chain_id, max(size_bytes) AS size_bytes FROM layers WHERE chain_id NOT IN reachable GROUP BY chain_id`,
  )
  return unreachable
    .filter((columns) => suspects.has(text(columns['chain_id'])))
    .map((columns) => ({ kind: 'layer', name: text(columns['chain_id']), sizeBytes: optionalNumber(columns['size_bytes']) ?? 0 }))
}

/** Whether a layer without a row is on its way to one. Inside a transaction. */
export function isUnrecorded(store: Store, chainId: Digest): boolean {
  const recorded = row(store.database, 'SELECT 1 FROM layers WHERE chain_id = ?', chainId)
  const leased = row(store.database, "SELECT 1 FROM lease_items WHERE kind = 'layer' AND digest = ?", chainId)
  return recorded === undefined && leased === undefined && existsSync(store.paths.layer(chainId))
}

/** Deletes the directories of layers that have no row, and their links: unless one was made again meanwhile, or a lease is on the way to it. */
export async function deleteUnrecorded(
  store: Store,
  chainIds: readonly Digest[],
  options: AbortOptions,
  links: readonly string[] = [],
): Promise<readonly Digest[]> {
  const trashed: string[] = []
  const gone: Digest[] = []
  await store.database.transaction(() => {
    for (const link of links) if (!isKnownLink(store, link)) rmSync(store.paths.link(link), { force: true })
    for (const chainId of chainIds.filter((id) => isUnrecorded(store, id))) {
      const moved = moveToTrash(store, store.paths.layer(chainId))
      if (moved === undefined) continue
      trashed.push(moved)
      gone.push(chainId)
    }
  }, options)
  await deleteTrees(store.namespace, trashed, options)
  return gone
}
