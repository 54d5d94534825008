import type { GarbageItem, GarbageOptions, GarbageReport } from '@podwright/contracts'
import { type Digest, isDigest } from '@podwright/oci'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { rolledBack } from './dry-run.ts'
import { forgetManifests } from './forget-manifests.ts'
import { reapLeases } from './leases.ts'
import { findLeftovers, sweepLeftovers } from './leftovers.ts'
import { deadMounts, releaseDeadMounts } from './mount-records.ts'
import { changedMs, type IsOld, list } from './on-disk.ts'
import { directories } from './paths.ts'
import { mountKeyPrefix, removeSnapshotByKey } from './snapshots.ts'
import { change, row, rows, type Store, text } from './store.ts'
import { deleteUnrecorded, isUnrecorded, reachableLayers, sweep, wouldSweep } from './sweep.ts'
import { deleteTrees } from './trash.ts'

const defaultMinAgeMs = 10 * 60_000

export function oldEnough(store: Store, { minAgeMs = defaultMinAgeMs }: Pick<GarbageOptions, 'minAgeMs'>): IsOld {
  return (timeMs) => store.clock.now() - timeMs >= minAgeMs
}

/** Deletes what nothing reaches, nothing leases and nothing young. */
export async function collectGarbage(store: Store, options: GarbageOptions): Promise<GarbageReport> {
  const isOld = oldEnough(store, options)
  await reapLeases(store, options)
  return reportOf(options.dryRun === true ? await findGarbage(store, options, isOld) : await takeGarbage(store, options, isOld))
}

async function takeGarbage(store: Store, options: GarbageOptions, isOld: IsOld): Promise<GarbageItem[]> {
  await releaseDeadMounts(store, options)
  const snapshots = abandonedSnapshots(store, options, isOld)
  for (const { name } of snapshots) await removeSnapshotByKey(store, name, options)
  await store.database.transaction(() => forgetManifests(store), { ...options, durable: true, makesRoom: true })
  await store.database.transaction(() => forgetForms(store), { ...options, makesRoom: true })
  const swept = await sweep(store, { blobs: oldBlobs(store, isOld), layers: oldLayers(store, isOld) }, options)
  const orphans = await deleteUnrecorded(store, unrecordedLayers(store, isOld), options)
  const leftovers = await sweepLeftovers(store, isOld, options)
  const trash = trashItems(store)
  await deleteTrees(
    store.namespace,
    trash.map(({ name }) => join(store.paths.root, name)),
    options,
  )
  return [...snapshots, ...swept.items, ...orphans.map(orphan), ...leftovers, ...trash]
}

/** What `takeGarbage` would take: the same, in a transaction that is undone. */
async function findGarbage(store: Store, options: GarbageOptions, isOld: IsOld): Promise<GarbageItem[]> {
  return store.database.transaction(
    () =>
      rolledBack(store.database, () => {
        const leftovers = findLeftovers(store, isOld)
        const snapshots = [...deadMounts(store), ...abandonedSnapshots(store, options, isOld)]
        for (const { name } of snapshots) change(store.database, 'DELETE FROM snapshots WHERE key = ?', name)
        forgetManifests(store)
        const swept = wouldSweep(store, { blobs: oldBlobs(store, isOld), layers: oldLayers(store, isOld) })
        const orphans = unrecordedLayers(store, isOld).filter((chainId) => isUnrecorded(store, chainId))
        return [...snapshots, ...swept, ...orphans.map(orphan), ...leftovers, ...trashItems(store)]
      }),
    options,
  )
}

function orphan(chainId: Digest): GarbageItem {
  return { kind: 'layer', name: chainId, sizeBytes: 0 }
}

function reportOf(items: readonly GarbageItem[]): GarbageReport {
  const count = (kind: GarbageItem['kind']): number => items.filter((item) => item.kind === kind).length
  const freedBytes = items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return { items, blobs: count('blob'), layers: count('layer'), snapshots: count('snapshot'), freedBytes }
}

/** Snapshots without an owner: that their lease is gone means that whoever made them had the time to record them. */
function abandonedSnapshots(store: Store, options: GarbageOptions, isOld: IsOld): GarbageItem[] {
  const known = options.snapshotKeys
  const sql = `SELECT * FROM snapshots WHERE (lease IS NULL OR lease NOT IN (SELECT id FROM leases)) AND key NOT IN (SELECT id FROM mounts)`
  const abandoned = rows(store.database, sql).filter(({ key, ready, created_ms: created }) => {
    // Nobody but whoever held its lease needed it.
    if (text(key).startsWith(mountKeyPrefix)) return true
    if (!isOld(Number(created))) return false
    return ready === 0 || (known !== undefined && !known.has(text(key)))
  })
  return abandoned.map(({ key }) => ({ kind: 'snapshot', name: text(key), sizeBytes: 0 }))
}

/** What is known of blobs that no manifest has any more, and of layers that are neither here nor in a manifest. */
function forgetForms({ database }: Store): void {
  change(database, 'DELETE FROM blob_locations WHERE digest NOT IN (SELECT digest FROM manifest_references)')
  change(
    database,
    'DELETE FROM compressions WHERE digest NOT IN (SELECT digest FROM manifest_references) AND diff_id NOT IN (SELECT diff_id FROM layers)',
  )
}

function oldBlobs(store: Store, isOld: IsOld): Digest[] {
  return list(store, directories.blobs).flatMap((algorithm) =>
    readdirSync(algorithm)
      .filter((hex) => isOld(changedMs(join(algorithm, hex))))
      .map((hex) => `${basename(algorithm)}:${hex}`)
      .filter(isDigest),
  )
}

function oldLayers(store: Store, isOld: IsOld): Digest[] {
  const unreachable = rows(store.database, `${reachableLayers} SELECT chain_id, created_ms FROM layers WHERE chain_id NOT IN reachable`)
  return unreachable.filter((columns) => isOld(Number(columns['created_ms']))).map((columns) => text(columns['chain_id']) as Digest)
}

function unrecordedLayers(store: Store, isOld: IsOld): Digest[] {
  return list(store, directories.layers)
    .map((path) => ({ path, chainId: `sha256:${basename(path)}` }))
    .filter(({ chainId }) => isDigest(chainId) && row(store.database, 'SELECT 1 FROM layers WHERE chain_id = ?', chainId) === undefined)
    .filter(({ path }) => isOld(changedMs(path)))
    .map(({ chainId }) => chainId as Digest)
}

function trashItems(store: Store): GarbageItem[] {
  return list(store, directories.trash).map((path) => ({ kind: 'trash', name: join(directories.trash, basename(path)), sizeBytes: 0 }))
}
