import { messageOf } from '@podwright/conventions'
import { openDatabase } from '@podwright/linux'
import { existsSync, renameSync, rmSync } from 'node:fs'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { engineSchema } from './schema.ts'

/** Those that are worth keeping, each after those that it refers to. */
const tables = [
  'containers',
  'exits',
  'exec_sessions',
  'dependencies',
  'network_attachments',
  'health_log',
  'events',
  'secrets',
  'container_secrets',
] as const

const most = 3

/** What SQLite says is wrong with the file; nothing when it isn't there. */
export async function databaseFaults(path: string): Promise<readonly string[]> {
  if (!existsSync(path)) return []
  const { DatabaseSync: Sqlite } = await import('node:sqlite')
  let database: DatabaseSync | undefined
  try {
    database = new Sqlite(path, { timeout: 5_000 })
    const found = database.prepare('PRAGMA integrity_check').all() as { readonly integrity_check?: string }[]
    const messages = found.map(({ integrity_check: message = '' }) => message.replaceAll('\n', '; '))
    return messages.filter((message) => message !== 'ok').slice(0, most)
  } catch (error) {
    if (!isDamage(error)) throw error
    return [messageOf(error)]
  } finally {
    database?.close()
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB (https://www.sqlite.org/rescode.html); the primary code is in the low byte. */
function isDamage(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error)) return false
  const primary = Number(error.errcode) & 0xff
  return primary === 11 || primary === 26
}

/** Makes a new database with all rows of the old one that can be read. The old one stays beside it, as `engine.db.damaged`. */
export async function salvageStateDatabase(path: string): Promise<void> {
  const fresh = `${path}.new`
  for (const suffix of ['', '-wal', '-shm']) rmSync(fresh + suffix, { force: true })
  const database = await openDatabase(fresh, engineSchema)
  try {
    await copyReadable(path, database.sqlite)
    database.sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    database.close()
  }
  for (const suffix of ['-wal', '-shm', '']) if (existsSync(path + suffix)) renameSync(path + suffix, `${path}.damaged${suffix}`)
  renameSync(fresh, path)
}

async function copyReadable(path: string, target: DatabaseSync): Promise<void> {
  const { DatabaseSync: Sqlite } = await import('node:sqlite')
  let source: DatabaseSync
  try {
    source = new Sqlite(path, { readOnly: true })
  } catch {
    return
  }
  target.exec('PRAGMA foreign_keys = OFF')
  try {
    for (const table of tables) copyTable(source, target, table)
  } finally {
    source.close()
  }
}

/** Up to the first row that can't be read, and from the other end; what lies between is lost. */
function copyTable(source: DatabaseSync, target: DatabaseSync, table: string): void {
  for (const order of ['ASC', 'DESC']) {
    try {
      for (const columns of source.prepare(`SELECT * FROM ${table} ORDER BY rowid ${order}`).iterate()) insert(target, table, columns)
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
