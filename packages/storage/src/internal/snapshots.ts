import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import type { IdMap, MountSpec, PrepareSnapshotOptions, Snapshot, StorageDriver } from '@podwright/contracts'
import { bootId } from '@podwright/linux'
import type { Digest } from '@podwright/oci'
import { lstatSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { StorageError } from '../errors.ts'
import { fullOr } from './free-space.ts'
import { imageNotFound } from './images.ts'
import { layerChain, rootAttributes, visibleLayers } from './layers.ts'
import { change, optionalText, type Row, row, rows, type Store, text } from './store.ts'
import { mappedLayer } from './mapped-places.ts'
import { planOnBase, prepareTree, type StoredPlan, viewOf } from './snapshot-base.ts'
import { shiftAttributes } from './shift-ids.ts'
import { moveToTrash } from './trash.ts'

const keyGrammar = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/

/** Keys that begin so are of snapshots made for a mount. */
export const mountKeyPrefix = 'mount.'

/**
 * Makes a snapshot. Its row comes first and holds the layers; a directory without a row is garbage. Nothing is synced: what a fresh snapshot has
 * can be made again.
 */
export async function prepareSnapshot(store: Store, key: string, options: PrepareSnapshotOptions): Promise<Snapshot> {
  if (key.startsWith(mountKeyPrefix)) throw wrongKey(key, `those that begin with ${mountKeyPrefix} are taken`)
  return prepareAnySnapshot(store, key, options)
}

/** What only this package asks for. */
export interface PrepareAnySnapshotOptions extends PrepareSnapshotOptions {
  /** The topmost layer, in place of an image. */
  readonly topLayer?: Digest | undefined
}

/** `prepareSnapshot`, also for mounts. */
export async function prepareAnySnapshot(store: Store, key: string, options: PrepareAnySnapshotOptions): Promise<Snapshot> {
  const driver = await store.driver()
  checkKey(key)
  const columns = await store.database.transaction(() => insertSnapshot(store, key, options), options)
  try {
    await mapLayers(store, driver, columns, options)
    const plan = planOf(store, columns)
    requireLayers(columns, plan)
    makeDirectory(store, plan.directory)
    await prepareTree(driver, plan, { signal: options.signal })
    await store.database.transaction(() => change(store.database, 'UPDATE snapshots SET ready = 1 WHERE key = ?', key))
    return { key, ...viewOf(driver, plan) }
  } catch (error) {
    await removeSnapshotByKey(store, key).catch(() => {})
    throw fullOr(error, `make the snapshot ${key}`)
  }
}

export async function readSnapshot(store: Store, key: string): Promise<Snapshot | undefined> {
  const plan = readPlan(store, key)
  return plan === undefined ? undefined : { key, ...viewOf(await store.driver(), plan) }
}

/**
 * What the driver is told of a snapshot; undefined when there is none, or it isn't made yet.
 *
 * @throws `ERR_LAYER_NOT_FOUND`
 */
export function readPlan(store: Store, key: string): StoredPlan | undefined {
  const columns = row(store.database, 'SELECT * FROM snapshots WHERE key = ? AND ready = 1', key)
  if (columns === undefined) return undefined
  const plan = planOf(store, columns)
  requireLayers(columns, plan)
  return plan
}

export function listSnapshots(store: Store): string[] {
  const keys = rows(store.database, 'SELECT key FROM snapshots ORDER BY key').map(({ key }) => text(key))
  return keys.filter((key) => !key.startsWith(mountKeyPrefix))
}

/** @throws `ERR_SNAPSHOT_MOUNTED` also when somebody holds a mount of it */
export async function removeSnapshot(store: Store, key: string, options: AbortOptions = {}): Promise<void> {
  requireUnheld(store, key)
  return removeSnapshotByKey(store, key, options)
}

/** @throws `ERR_SNAPSHOT_MOUNTED` */
export function requireUnmounted(store: Store, key: string, mounts: readonly MountSpec[]): void {
  requireUnheld(store, key)
  for (const { target } of mounts) refuseMounted(key, target)
}

function requireUnheld(store: Store, key: string): void {
  const held = row(store.database, 'SELECT owner FROM mount_holders WHERE mount = ? AND boot_id = ?', key, bootId())
  if (held !== undefined) throw heldMount(key, text(held['owner']))
}

/** The row goes first, so that what is left of a removal that was killed is garbage. */
export async function removeSnapshotByKey(store: Store, key: string, options: AbortOptions = {}): Promise<void> {
  if (!keyGrammar.test(key)) return
  const driver = await store.driver()
  const directory = store.paths.snapshot(key)
  const columns = row(store.database, 'SELECT * FROM snapshots WHERE key = ?', key)
  if (columns === undefined) return
  for (const { target } of viewOf(driver, planOf(store, columns)).mounts) refuseMounted(key, target)
  const existed = await store.database.transaction(
    () => {
      change(store.database, 'DELETE FROM mounts WHERE id = ?', key)
      return change(store.database, 'DELETE FROM snapshots WHERE key = ?', key) > 0
    },
    { ...options, makesRoom: true },
  )
  const trashed = existed ? moveToTrash(store, directory) : undefined
  if (trashed !== undefined) await driver.remove(trashed, options)
}

function checkKey(key: string): void {
  if (!keyGrammar.test(key)) throw wrongKey(key, 'a key has letters, digits, ".", "_" and "-"')
}

/** What is to be there before a driver can show the layers under other ids. */
async function mapLayers(store: Store, driver: StorageDriver, columns: Row, options: AbortOptions): Promise<void> {
  const top = optionalText(columns['top_layer'])
  const idMap = idMapOf(columns)
  if (idMap === undefined || top === undefined || driver.mapsIds) return
  await (await import('./mapped-layers.ts')).ensureMappedLayer(store, { top: top as Digest, idMap }, options)
}

function idMapOf(columns: Row): IdMap | undefined {
  const found = optionalText(columns['id_map'])
  return found === undefined ? undefined : (JSON.parse(found) as IdMap)
}

/** Inside a transaction. */
function insertSnapshot(store: Store, key: string, options: PrepareAnySnapshotOptions): Row {
  const { image, base, readOnly = false, idMap, lease } = options
  const { database } = store
  if (row(database, 'SELECT 1 FROM snapshots WHERE key = ?', key) !== undefined) {
    throw new StorageError('ERR_SNAPSHOT_EXISTS', `cannot make the snapshot ${key}: there is one of that key`, { details: { key } })
  }
  const found = image === undefined ? options.topLayer : topLayerOf(store, image)
  change(
    database,
    'INSERT INTO snapshots (key, image, top_layer, read_only, id_map, lease, created_ms, base) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    key,
    image ?? null,
    found ?? null,
    readOnly ? 1 : 0,
    idMap === undefined ? null : JSON.stringify(idMap),
    lease?.id ?? null,
    store.clock.now(),
    base === undefined ? null : JSON.stringify(base),
  )
  return row(database, 'SELECT * FROM snapshots WHERE key = ?', key) ?? {}
}

function topLayerOf(store: Store, image: Digest): string | undefined {
  for (const { database } of [store, ...store.additional]) {
    const found = row(database, 'SELECT top_layer FROM images WHERE id = ?', image)
    if (found !== undefined) return optionalText(found['top_layer'])
  }
  throw imageNotFound(image)
}

function wrongKey(key: string, reason: string): StorageError {
  return new StorageError('ERR_SNAPSHOT_KEY', `cannot make the snapshot ${JSON.stringify(key)}: ${reason}`)
}

export function snapshotNotFound(key: string): StorageError {
  return new StorageError('ERR_SNAPSHOT_NOT_FOUND', `cannot find the snapshot ${key}: the storage has none of that key`, {
    details: { key },
  })
}

export function planOf(store: Store, columns: Row): StoredPlan {
  const onBase = planOnBase(store, columns, store.paths.snapshot(text(columns['key'])))
  if (onBase !== undefined) return onBase
  const top = optionalText(columns['top_layer']) as Digest | undefined
  const layers = layerChain(store, top)
  const idMap = idMapOf(columns)
  const root = rootAttributes(layers)
  const mapped = idMap === undefined || top === undefined || layers.length === 0 ? undefined : mappedLayer(store, { top, idMap })
  return {
    directory: store.paths.snapshot(text(columns['key'])),
    layers: mapped === undefined ? visibleLayers(layers) : [mapped],
    root: mapped === undefined ? root : shiftAttributes(root, idMap!),
    readOnly: columns['read_only'] === 1,
    idMap,
    workingDirectory: store.paths.root,
    base: undefined,
  }
}

/** @throws `ERR_LAYER_NOT_FOUND` */
function requireLayers(columns: Row, plan: StoredPlan): void {
  const top = optionalText(columns['top_layer'])
  if (top === undefined || plan.layers.length > 0) return
  throw new StorageError('ERR_LAYER_NOT_FOUND', `cannot use the snapshot ${text(columns['key'])}: its layer ${top} is not in the storage`, {
    hint: 'Pull the image again.',
    details: { layer: top },
  })
}

function heldMount(key: string, owner: string): StorageError {
  return new StorageError('ERR_SNAPSHOT_MOUNTED', `cannot remove the snapshot ${key}: ${owner} has it mounted`, {
    hint: 'Unmount it first.',
    details: { key, owner },
  })
}

/** To delete below a mount would delete the files that it shows. */
function refuseMounted(key: string, target: string): void {
  const device = lstatSync(target, { throwIfNoEntry: false })?.dev
  if (device === undefined || device === lstatSync(dirname(target)).dev) return
  throw new StorageError('ERR_SNAPSHOT_MOUNTED', `cannot remove the snapshot ${key}: something is still mounted on ${target}`, {
    hint: `Unmount it first: umount ${target}`,
    details: { key, target },
  })
}

/** A directory that is there without a row was left by a removal that was killed. */
function makeDirectory(store: Store, directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error
    moveToTrash(store, directory)
    mkdirSync(directory, { mode: 0o700 })
  }
}
