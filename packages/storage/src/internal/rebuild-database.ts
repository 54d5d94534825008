import type { SnapshotBase } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { type Database, openDatabase } from '@podwright/linux'
import { type Digest, isDigest, isLayerMediaType, parseManifest } from '@podwright/oci'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { hasBlob } from './blobs.ts'
import { openDestination } from './destination.ts'
import { syncParent } from './durable-files.ts'
import { list } from './on-disk.ts'
import { directories } from './paths.ts'
import { storageSchema } from './schema.ts'
import { change, row, rows, type Store, text } from './store.ts'

/** Those that are worth keeping, each after those that it refers to. Leases are of processes that are gone. */
const tables = [
  'settings',
  'layers',
  'compressions',
  'blob_locations',
  'manifests',
  'manifest_references',
  'images',
  'image_manifests',
  'names',
  'repository_digests',
  'snapshots',
  'mounts',
  'mount_holders',
] as const

/**
 * Makes a new database with all rows of the old one that can be read. The old one stays beside it, as `storage.db.damaged`. No other process may use
 * the storage meanwhile.
 */
export async function salvageDatabase(path: string, options: AbortOptions): Promise<void> {
  const fresh = `${path}.new`
  for (const suffix of ['', '-wal', '-shm']) rmSync(fresh + suffix, { force: true })
  const database = await openDatabase(fresh, storageSchema, options)
  try {
    await copyReadable(path, database)
    database.sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    database.close()
  }
  for (const suffix of ['-wal', '-shm', '']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, `${path}.damaged${suffix}`)
  }
  renameSync(fresh, path)
  await syncParent(path)
}

async function copyReadable(path: string, target: Database): Promise<void> {
  const { DatabaseSync: Sqlite } = await import('node:sqlite')
  let source: DatabaseSync
  try {
    source = new Sqlite(path, { readOnly: true })
  } catch {
    return
  }
  target.sqlite.exec('PRAGMA foreign_keys = OFF')
  try {
    for (const table of tables) copyTable(source, target.sqlite, table)
  } finally {
    source.close()
  }
}

/** Up to the first row that can't be read, and from the other end; what lies between is lost. */
function copyTable(source: DatabaseSync, target: DatabaseSync, table: string): void {
  for (const order of ['ASC', 'DESC']) {
    try {
      for (const columns of source.prepare(`SELECT * FROM ${table} ORDER BY 1 ${order}`).iterate()) insert(target, table, columns)
      return
    } catch {
      // The other end may be whole.
    }
  }
}

function insert(target: DatabaseSync, table: string, columns: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(columns)
  const sql = `INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
  target.prepare(sql).run(...(Object.values(columns) as SQLInputValue[]))
}

/** For a storage that is open: its handle leads to the new database afterwards. */
export async function rebuildOpenDatabase(store: Store): Promise<void> {
  store.database.close()
  try {
    await salvageDatabase(store.paths.database, {})
  } finally {
    await store.reopen()
  }
  await recoverImages(store, {})
}

/** Records snapshots again whose directories are there, and whose images are: nothing on the disk says which image a tree is on. */
export async function recoverSnapshots(store: Store, snapshots: ReadonlyMap<string, Digest | SnapshotBase>): Promise<void> {
  const sql = `INSERT OR IGNORE INTO snapshots (key, image, top_layer, read_only, created_ms, ready)
    SELECT ?1, id, top_layer, 0, ?3, 1 FROM images WHERE id = ?2`
  const onBase = 'INSERT OR IGNORE INTO snapshots (key, base, read_only, created_ms, ready) VALUES (?1, ?2, 0, ?3, 1)'
  await store.database.transaction(() => {
    for (const [key, image] of snapshots) {
      if (!existsSync(store.paths.snapshot(key))) continue
      if (typeof image === 'string') change(store.database, sql, key, image, store.clock.now())
      else change(store.database, onBase, key, JSON.stringify(image), store.clock.now())
    }
  })
}

/** Manifests are small; larger files need not be read to be told apart. */
const largestManifest = 4 * 2 ** 20

/** Finds images again by their blobs. They come back without names that aren't recorded: nothing on the disk has those. */
export async function recoverImages(store: Store, options: AbortOptions): Promise<Digest[]> {
  const found: Digest[] = []
  for (const algorithm of list(store, directories.blobs)) {
    for (const hex of readdirSync(algorithm)) {
      const digest = `${basename(algorithm)}:${hex}`
      if (!isDigest(digest) || statSync(join(algorithm, hex)).size > largestManifest) continue
      if (await recoverImage(store, digest, readFileSync(join(algorithm, hex)), options)) found.push(digest)
    }
  }
  return found
}

async function recoverImage(store: Store, digest: Digest, bytes: Uint8Array, { signal }: AbortOptions): Promise<boolean> {
  if (row(store.database, 'SELECT 1 FROM image_manifests JOIN images ON id = image WHERE manifest = ?', digest) !== undefined) return false
  const manifest = imageManifest(store, bytes)
  if (manifest === undefined) return false
  const descriptor = { mediaType: manifest, digest, size: bytes.byteLength }
  const names = rows(store.database, 'SELECT name FROM names WHERE manifest = ? AND image IS NOT NULL', digest).map(({ name }) =>
    text(name),
  )
  await using destination = await openDestination(store, names[0], { names: names.slice(1), signal })
  await destination.begin({ descriptor, bytes }, { signal })
  await destination.putManifest({ descriptor, bytes }, { signal })
  await destination.commit(descriptor, { signal })
  return true
}

/** The media type, if it is the manifest of an image that is there whole. */
function imageManifest(store: Store, bytes: Uint8Array): string | undefined {
  try {
    const parsed = parseManifest(bytes)
    if (parsed.kind !== 'manifest') return undefined
    const { config, layers } = parsed.manifest
    const whole =
      [config, ...layers].every(({ digest }) => hasBlob(store, digest)) && layers.every(({ mediaType }) => isLayerMediaType(mediaType))
    return whole ? parsed.mediaType : undefined
  } catch {
    return undefined
  }
}
