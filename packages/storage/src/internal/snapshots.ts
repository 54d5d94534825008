import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import type { IdMap, PrepareSnapshotOptions, Snapshot, SnapshotPlan, StorageDriver } from '@podwright/contracts'
import { lstatSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { StorageError } from '../errors.ts'
import { fullOr } from './free-space.ts'
import { imageNotFound } from './images.ts'
import { layerChain, rootAttributes, visibleLayers } from './layers.ts'
import { change, optionalText, type Row, row, rows, type Store, text } from './store.ts'
import { moveToTrash } from './trash.ts'

const keyGrammar = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/

/**
 * Makes a snapshot. Its row comes first and holds the layers; a directory without a row is garbage. Nothing is synced: what a fresh snapshot has
 * can be made again.
 */
export async function prepareSnapshot(store: Store, key: string, options: PrepareSnapshotOptions): Promise<Snapshot> {
  const driver = await store.driver()
  checkRequest(driver, key, options)
  const columns = await store.database.transaction(() => insertSnapshot(store, key, options), options)
  try {
    const plan = planOf(store, columns)
    requireLayers(columns, plan)
    makeDirectory(store, plan.directory)
    await driver.prepare(plan, { signal: options.signal })
    await store.database.transaction(() => change(store.database, 'UPDATE snapshots SET ready = 1 WHERE key = ?', key))
    return { key, ...driver.view(plan) }
  } catch (error) {
    await removeSnapshot(store, key).catch(() => {})
    throw fullOr(error, `make the snapshot ${key}`)
  }
}

export async function readSnapshot(store: Store, key: string): Promise<Snapshot | undefined> {
  const columns = row(store.database, 'SELECT * FROM snapshots WHERE key = ? AND ready = 1', key)
  if (columns === undefined) return undefined
  const plan = planOf(store, columns)
  requireLayers(columns, plan)
  return { key, ...(await store.driver()).view(plan) }
}

export function listSnapshots(store: Store): string[] {
  return rows(store.database, 'SELECT key FROM snapshots ORDER BY key').map(({ key }) => text(key))
}

/** The row goes first, so that what is left of a removal that was killed is garbage. */
export async function removeSnapshot(store: Store, key: string, options: AbortOptions = {}): Promise<void> {
  if (!keyGrammar.test(key)) return
  const driver = await store.driver()
  const directory = store.paths.snapshot(key)
  const columns = row(store.database, 'SELECT * FROM snapshots WHERE key = ?', key)
  if (columns === undefined) return
  for (const { target } of driver.view(planOf(store, columns)).mounts) refuseMounted(key, target)
  const existed = await store.database.transaction(() => change(store.database, 'DELETE FROM snapshots WHERE key = ?', key) > 0, options)
  const trashed = existed ? moveToTrash(store, directory) : undefined
  if (trashed !== undefined) await driver.remove(trashed, options)
}

function checkRequest(driver: StorageDriver, key: string, { idMap }: PrepareSnapshotOptions): void {
  if (!keyGrammar.test(key)) {
    throw new StorageError(
      'ERR_SNAPSHOT_KEY',
      `cannot make the snapshot ${JSON.stringify(key)}: a key has letters, digits, ".", "_" and "-"`,
    )
  }
  if (idMap === undefined || driver.mapsIds) return
  throw new StorageError(
    'ERR_SNAPSHOT_ID_MAP',
    `cannot make the snapshot ${key}: the driver ${driver.name} can't show files under other ids`,
    {
      hint: 'The driver vfs can.',
    },
  )
}

/** Inside a transaction. */
function insertSnapshot(store: Store, key: string, { image, readOnly = false, idMap, lease }: PrepareSnapshotOptions): Row {
  const { database } = store
  if (row(database, 'SELECT 1 FROM snapshots WHERE key = ?', key) !== undefined) {
    throw new StorageError('ERR_SNAPSHOT_EXISTS', `cannot make the snapshot ${key}: there is one of that key`, { details: { key } })
  }
  const found = image === undefined ? undefined : row(database, 'SELECT top_layer FROM images WHERE id = ?', image)
  if (image !== undefined && found === undefined) throw imageNotFound(image)
  change(
    database,
    'INSERT INTO snapshots (key, image, top_layer, read_only, id_map, lease, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
    key,
    image ?? null,
    optionalText(found?.['top_layer']) ?? null,
    readOnly ? 1 : 0,
    idMap === undefined ? null : JSON.stringify(idMap),
    lease?.id ?? null,
    store.clock.now(),
  )
  return row(database, 'SELECT * FROM snapshots WHERE key = ?', key) ?? {}
}

function planOf(store: Store, columns: Row): SnapshotPlan {
  const layers = layerChain(store, optionalText(columns['top_layer']))
  const idMap = optionalText(columns['id_map'])
  return {
    directory: store.paths.snapshot(text(columns['key'])),
    layers: visibleLayers(layers),
    root: rootAttributes(layers),
    readOnly: columns['read_only'] === 1,
    idMap: idMap === undefined ? undefined : (JSON.parse(idMap) as IdMap),
    workingDirectory: store.paths.root,
  }
}

/** @throws `ERR_LAYER_NOT_FOUND` */
function requireLayers(columns: Row, plan: SnapshotPlan): void {
  const top = optionalText(columns['top_layer'])
  if (top === undefined || plan.layers.length > 0) return
  throw new StorageError('ERR_LAYER_NOT_FOUND', `cannot use the snapshot ${text(columns['key'])}: its layer ${top} is not in the storage`, {
    hint: 'Pull the image again.',
    details: { layer: top },
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
