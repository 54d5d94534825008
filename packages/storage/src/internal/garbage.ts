import type { GarbageOptions, GarbageReport } from '@podwright/contracts'
import { tryLockFile } from '@podwright/linux'
import { type Digest, isDigest } from '@podwright/oci'
import { lstatSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { reapLeases } from './leases.ts'
import { directories } from './paths.ts'
import { forgetManifests } from './remove-image.ts'
import { removeSnapshot } from './snapshots.ts'
import { change, row, rows, type Store, text } from './store.ts'
import { deleteUnrecorded, reachableLayers, sweep } from './sweep.ts'
import { deleteTrees, moveToTrash } from './trash.ts'

const defaultMinAgeMs = 10 * 60_000

/** Deletes what nothing reaches, nothing leases and nothing young. */
export async function collectGarbage(store: Store, options: GarbageOptions): Promise<GarbageReport> {
  const minAgeMs = options.minAgeMs ?? defaultMinAgeMs
  const isOld: IsOld = (timeMs) => store.clock.now() - timeMs >= minAgeMs
  await reapLeases(store, options)
  const snapshots = await giveUpSnapshots(store, options, isOld)
  await store.database.transaction(() => forgetManifests(store), { ...options, durable: true })
  await store.database.transaction(() => forgetForms(store), options)
  const swept = await sweep(store, { blobs: oldBlobs(store, isOld), layers: oldLayers(store, isOld) }, options)
  const orphans = await deleteUnrecorded(store, unrecordedLayers(store, isOld), options)
  const left = await sweepLeftovers(store, isOld, options)
  await deleteTrees(store.namespace, list(store, directories.trash), options)
  return { blobs: swept.blobs, layers: swept.layers + orphans, snapshots, freedBytes: swept.freedBytes + left }
}

/** Whether what was last changed at that time may go. What seems to come from the future (the clock was set back) may not. */
type IsOld = (timeMs: number) => boolean

/** Snapshots without an owner: that their lease is gone means that whoever made them had the time to record them. */
async function giveUpSnapshots(store: Store, options: GarbageOptions, isOld: IsOld): Promise<number> {
  const known = options.snapshotKeys
  const all = rows(store.database, 'SELECT * FROM snapshots WHERE lease IS NULL OR lease NOT IN (SELECT id FROM leases)')
  const abandoned = all.filter(({ key, ready, created_ms: created }) => {
    if (!isOld(Number(created))) return false
    return ready === 0 || (known !== undefined && !known.has(text(key)))
  })
  for (const { key } of abandoned) await removeSnapshot(store, text(key), options)
  return abandoned.length
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
    .filter((path) => isOld(changedMs(path)))
    .map((path) => `sha256:${basename(path)}`)
    .filter(isDigest)
    .filter((chainId) => row(store.database, 'SELECT 1 FROM layers WHERE chain_id = ?', chainId) === undefined)
}

/** What work that was killed has left: partial blobs, half unpacked layers, links and directories that no row knows. Returns their bytes. */
async function sweepLeftovers(store: Store, isOld: IsOld, options: GarbageOptions): Promise<number> {
  const old = (directory: string): string[] => list(store, directory).filter((path) => isOld(changedMs(path)))
  const freedBytes = old(directories.ingest).reduce((sum, path) => sum + removeUnlocked(path), 0)
  for (const path of old(directories.links)) await removeUnknownLink(store, path, options)
  const stagings = old(directories.layers).filter((path) => basename(path).includes('.') && isUnlocked(store, path))
  const snapshots = old(directories.snapshots)
  const trashed = await store.database.transaction(
    () => [...stagings, ...snapshots.filter((path) => !isSnapshot(store, path))].map((path) => moveToTrash(store, path)),
    options,
  )
  await deleteTrees(
    store.namespace,
    trashed.filter((path) => path !== undefined),
    options,
  )
  return freedBytes
}

/** A partial blob, or the lock of an unpacking. Whoever waits for the lock notices that the file is gone. */
function removeUnlocked(path: string): number {
  const lock = tryLockFile(path)
  if (lock === undefined) return 0
  try {
    const { size } = lstatSync(path)
    rmSync(path, { force: true })
    return size
  } finally {
    lock.release()
  }
}

/** Whether nobody is unpacking into a staging directory, `HEX.UNIQUE`. */
function isUnlocked(store: Store, staging: string): boolean {
  const path = store.paths.layerLock(`sha256:${basename(staging).split('.', 1)[0]}`)
  const lock = tryLockFile(path)
  if (lock === undefined) return false
  rmSync(path, { force: true })
  lock.release()
  return true
}

async function removeUnknownLink(store: Store, path: string, options: GarbageOptions): Promise<void> {
  await store.database.transaction(() => {
    const known = row(store.database, 'SELECT 1 FROM layers WHERE link = ?', basename(path))
    if (known === undefined && dirname(readlinkSync(path)) !== '') rmSync(path, { force: true })
  }, options)
}

function isSnapshot(store: Store, path: string): boolean {
  return row(store.database, 'SELECT 1 FROM snapshots WHERE key = ?', basename(path)) !== undefined
}

function list(store: Store, directory: string): string[] {
  const path = join(store.paths.root, directory)
  return readdirSync(path).map((name) => join(path, name))
}

/** When it was made or last changed; far in the future when it is gone meanwhile. */
function changedMs(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.MAX_SAFE_INTEGER
}
