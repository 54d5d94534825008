import { messageOf } from '@podwright/conventions'
import { existsSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { StorageError } from '../errors.ts'
import { storageApplicationId } from './application-id.ts'
import { storagePaths, type StoragePaths } from './paths.ts'
import { optionalText, type Reader, row, type Shelf } from './store.ts'

/**
 * Opens stores that are never written to: not even SQLite's own files beside the database. A store that is on a read-only mount, or in use by somebody
 * else, works.
 *
 * @throws `ERR_STORAGE_ADDITIONAL`
 */
export async function openAdditionalStores(roots: readonly string[]): Promise<readonly Shelf[]> {
  if (roots.length === 0) return []
  const sqlite = await import('node:sqlite')
  return roots.map((root) => {
    const paths = storagePaths(root)
    if (!existsSync(paths.database)) throw unusable(root, 'there is no storage.db in it')
    try {
      const database = openReadOnly(sqlite.DatabaseSync, paths.database)
      requireSchema(root, database)
      return { paths, database: readerOf(database) }
    } catch (cause) {
      throw cause instanceof StorageError ? cause : unusable(root, messageOf(cause), cause)
    }
  })
}

/**
 * With a log, SQLite needs the index of that beside it, and reads both where it may write neither. Without one, the file is taken for
 * unchanging, since SQLite would make a log otherwise.
 */
function openReadOnly(Database: typeof DatabaseSync, path: string): DatabaseSync {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })
  const url = pathToFileURL(path)
  if (log === undefined || log.size === 0) url.searchParams.set('immutable', '1')
  return new Database(url, { readOnly: true, timeout: 100 })
}

function readerOf(database: DatabaseSync): Reader {
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  return {
    statement(sql) {
      const known = statements.get(sql) ?? database.prepare(sql)
      statements.set(sql, known)
      return known
    },
  }
}

function requireSchema(root: string, database: DatabaseSync): void {
  const found = database.prepare('PRAGMA application_id').get()?.['application_id']
  if (found !== storageApplicationId) throw unusable(root, 'its storage.db is not one of a storage')
}

/**
 * Whether layers of the additional stores can be used: only those that the same driver has written the same way.
 *
 * @throws `ERR_STORAGE_ADDITIONAL`
 */
export function requireSameLayers(shelves: readonly Shelf[], kind: string): void {
  for (const { paths, database } of shelves) {
    const found = optionalText(row(database, "SELECT value FROM settings WHERE key = 'layers'")?.['value'])
    const driver = optionalText(row(database, "SELECT value FROM settings WHERE key = 'driver'")?.['value'])
    if (found === kind || (found === undefined && (driver === undefined || kind.startsWith(driver)))) continue
    throw unusable(paths.root, `its layers are those of "${found ?? driver ?? ''}", and this storage's of "${kind}"`)
  }
}

/** A link in the directory of links leads to each store, so that paths of its layers are short. */
export function linkAdditionalStores(paths: StoragePaths, shelves: readonly Shelf[]): void {
  for (const { root } of shelves.map((shelf) => shelf.paths)) {
    const link = paths.additionalLink(root)
    const target = linkTarget(link)
    if (target === root) continue
    if (target !== undefined) rmSync(link)
    symlinkSync(root, link)
  }
}

function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

function unusable(root: string, reason: string, cause?: unknown): StorageError {
  return new StorageError('ERR_STORAGE_ADDITIONAL', `cannot use the additional store ${root}: ${reason}`, {
    cause,
    hint: 'Take it out of the list of additional stores, or fill it with the same driver.',
    details: { root },
  })
}
