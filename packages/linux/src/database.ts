import { type AbortOptions, type Clock, messageOf, systemClock, systemCodeOf } from '@podwright/conventions'
import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { DatabaseError, databaseError, isDatabaseBusy, isDatabaseFull, readOnly } from './database-errors.ts'
import { type DatabaseReserve, databaseReserve } from './database-reserve.ts'
import { probeFileSystem } from './file-systems.ts'

/** A step from one version of a schema to the next. */
export interface DatabaseMigration {
  /** Statements, run in one transaction. */
  readonly sql: string
  /** Programs that know only the version before can go on using the database: nothing that they use was taken away. @default false */
  readonly compatible?: boolean | undefined
}

/** What a database is and how it came about. */
export interface DatabaseSchema {
  /** For messages: `the engine's database`. */
  readonly name: string
  /** `PRAGMA application_id`, a positive 31-bit number that no other database has. */
  readonly applicationId: number
  /** The first makes version 1 of an empty database. Only ever add to the end. */
  readonly migrations: readonly DatabaseMigration[]
}

/** Options of `openDatabase`. */
export interface OpenDatabaseOptions extends AbortOptions {
  /** How long to wait for other processes, for opening and for each transaction. @default 60000 */
  readonly timeoutMs?: number | undefined
  /**
   * Space that is kept beside the database, in the file `PATH-reserve`: transactions with `makesRoom` use it where the disk is full. It is made with the
   * first transaction that finds twice as much free. @default 0
   */
  readonly reserveBytes?: number | undefined
  /** @default the machine's */
  readonly clock?: Clock | undefined
}

/** Options of `Database.transaction`. */
export interface TransactionOptions extends AbortOptions {
  /**
   * Have it on the disk before the promise resolves. Otherwise a power cut (not a crash of the process) may undo the last transactions, in
   * order and whole. @default false
   */
  readonly durable?: boolean | undefined
  /** It leads to more space, or takes back what was begun: on a full disk the reserve is given up for it, in steps, and `work` runs again. @default false */
  readonly makesRoom?: boolean | undefined
}

/** An open database. Reads see what was committed last; several reads that belong together go into a transaction. */
export interface Database extends Disposable {
  readonly path: string
  /** For what the rest of this interface doesn't offer. */
  readonly sqlite: DatabaseSync
  /** A prepared statement, kept for the next time. */
  statement(sql: string): StatementSync
  /**
   * Runs `work` between BEGIN IMMEDIATE and COMMIT, waiting for other writers without blocking the thread; what `work` throws rolls it back.
   * `work` must be synchronous.
   *
   * @throws `ERR_DATABASE_BUSY` after the time-out, `ERR_DATABASE_FULL`, …
   */
  transaction<Result>(work: () => Result, options?: TransactionOptions): Promise<Result>
  close(): void
}

/** Waits of SQLite itself block the thread, so they are short. */
const blockingWaitMs = 100
/** Where there is no WAL, readers wait for writers, and reads can't be tried again: the wait has to be SQLite's. */
const blockingWaitWithoutWalMs = 5_000
/** Waits between tries grow from 1 ms to this. */
const longestWaitMs = 50
/**
 * Pages in the log before it is written back. Who opens a database that nobody else has open reads the whole log, 4 ms for each MiB, and writing back costs
 * two or three fsyncs: for commands that write thirty pages each, their sum is smallest about here. (SQLite's default is 1000.)
 */
const longestLogPages = 200

/**
 * Opens a database, making it (mode 0600, in an existing directory) or bringing it up to date first. It keeps a write-ahead log, except on
 * network file systems, where that isn't safe. One on a file system that is read-only can be read; transactions then throw `ERR_DATABASE_READ_ONLY`.
 *
 * @throws `ERR_DATABASE_READ_ONLY` where there is none and none can be made, `ERR_DATABASE_NEWER`, `ERR_DATABASE_FOREIGN`, `ERR_DATABASE_CORRUPT`, `ERR_DATABASE_BUSY`, `ERR_DATABASE_FAILED`; an error as
 *   `node:fs` throws it when the file can't be made.
 */
export async function openDatabase(path: string, schema: DatabaseSchema, options: OpenDatabaseOptions = {}): Promise<Database> {
  const sqlite = await import('node:sqlite')
  const retry: Retry = { ...options, operation: 'open', path }
  if (!isWritable(path)) {
    const none = databaseReserve(path, 0)
    return databaseOf(await untilFree(retry, () => openReadOnly(sqlite.DatabaseSync, path, schema)), retry, none)
  }
  const reserve = databaseReserve(path, options.reserveBytes ?? 0)
  // Where nobody has it open, its index of the log has to be made anew, to read as well.
  const database = await untilFree(retry, () => withReserve(reserve, () => openWritable(sqlite.DatabaseSync, path, schema)))
  return databaseOf(database, retry, reserve)
}

/** Makes the file unless it is there. False when it is there, on a file system that is read-only. */
function isWritable(path: string): boolean {
  try {
    closeSync(openSync(path, 'a', 0o600))
    return true
  } catch (error) {
    if (systemCodeOf(error) !== 'EROFS') throw error
    if (existsSync(path)) return false
    throw readOnly(`cannot make ${path}: ${messageOf(error)}`, path, error)
  }
}

function openWritable(Database: typeof DatabaseSync, path: string, schema: DatabaseSchema): DatabaseSync {
  const wal = probeFileSystem(dirname(path))?.network !== true
  const opened = new Database(path, { timeout: wal ? blockingWaitMs : blockingWaitWithoutWalMs })
  try {
    prepareConnection(opened, wal)
    checkSchema(opened, path, schema)
    return opened
  } catch (error) {
    opened.close()
    throw error
  }
}

/** With a log, SQLite reads it beside the file. Without one the file is taken for unchanging, since SQLite would make a log otherwise. */
function openReadOnly(Database: typeof DatabaseSync, path: string, schema: DatabaseSchema): DatabaseSync {
  const url = pathToFileURL(path)
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0) url.searchParams.set('immutable', '1')
  const opened = new Database(url, { readOnly: true, timeout: blockingWaitMs })
  try {
    checkSchema(opened, path, schema)
    return opened
  } catch (error) {
    opened.close()
    throw error
  }
}

function prepareConnection(database: DatabaseSync, wal: boolean): void {
  const journal = wal ? 'wal' : 'delete'
  // To ask is a read; to set takes a lock even when nothing changes.
  if (database.prepare('PRAGMA journal_mode').get()?.['journal_mode'] !== journal) database.exec(`PRAGMA journal_mode = ${journal}`)
  database.exec(`PRAGMA synchronous = ${wal ? 'NORMAL' : 'FULL'}; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = ${longestLogPages}`)
}

function databaseOf(sqlite: DatabaseSync, retry: Retry, reserve: DatabaseReserve): Database {
  const statements = new Map<string, StatementSync>()
  const { path } = retry
  const close = (): void => {
    statements.clear()
    if (sqlite.isOpen) sqlite.close()
  }
  return {
    path,
    sqlite,
    close,
    [Symbol.dispose]: close,
    statement(sql) {
      const known = statements.get(sql)
      if (known !== undefined) return known
      const prepared = sqlite.prepare(sql)
      statements.set(sql, prepared)
      return prepared
    },
    async transaction(work, { durable = false, makesRoom = false, signal } = {}) {
      // Neither pragma does anything inside a transaction, so this can't be done by another one in between: all until COMMIT is one turn.
      const attempt = (): ReturnType<typeof work> => runTransaction(sqlite, work, durable)
      const result = await untilFree({ ...retry, signal, operation: 'write to' }, () =>
        makesRoom ? withReserve(reserve, attempt) : attempt(),
      )
      reserve.keep()
      return result
    },
  }
}

/** Given up of the reserve at first: somebody else may be about to fill the disk with what is not used. Then twice as much each time. */
const firstStepBytes = 64 * 1024

/** Gives up as much of the reserve as it takes. */
function withReserve<Result>(reserve: DatabaseReserve, attempt: () => Result): Result {
  for (let stepBytes = firstStepBytes; ; stepBytes *= 2) {
    try {
      return attempt()
    } catch (error) {
      if (!isDatabaseFull(error) || !reserve.giveUp(stepBytes)) throw error
    }
  }
}

function runTransaction<Result>(sqlite: DatabaseSync, work: () => Result, durable: boolean): Result {
  if (durable) sqlite.exec('PRAGMA synchronous = FULL')
  try {
    sqlite.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      if (result instanceof Promise) throw new TypeError('the work of a transaction must be synchronous')
      sqlite.exec('COMMIT')
      return result
    } catch (error) {
      // SQLite itself rolls back when the disk is full, for one.
      if (sqlite.isTransaction) sqlite.exec('ROLLBACK')
      throw error
    }
  } finally {
    if (durable) sqlite.exec('PRAGMA synchronous = NORMAL')
  }
}

/** `user_version` holds two numbers: the version, and above these bits the oldest version that a program must know to use the database. */
const versionBits = 16
const versionMask = 0xffff

function checkSchema(database: DatabaseSync, path: string, schema: DatabaseSchema): void {
  const known = schema.migrations.length
  const applicationId = Number(database.prepare('PRAGMA application_id').get()?.['application_id'])
  const { version, required } = readVersion(database)
  if (applicationId !== schema.applicationId && !(applicationId === 0 && version === 0 && isEmpty(database))) {
    throw new DatabaseError('ERR_DATABASE_FOREIGN', `cannot open ${path}: it is not ${schema.name}`, { details: { path, applicationId } })
  }
  if (required > known) {
    throw new DatabaseError(
      'ERR_DATABASE_NEWER',
      `cannot open ${path}: ${schema.name} has version ${version}, and this program knows those up to ${known}`,
      { hint: 'Use the newer program that wrote it, or another data directory.', details: { path, version, known } },
    )
  }
  if (version < known) runTransaction(database, () => migrate(database, schema), true)
}

function migrate(database: DatabaseSync, schema: DatabaseSchema): void {
  // Another process may have been faster.
  let { version, required } = readVersion(database)
  for (const migration of schema.migrations.slice(version)) {
    database.exec(migration.sql)
    version += 1
    if (migration.compatible !== true) required = version
  }
  database.exec(`PRAGMA application_id = ${schema.applicationId}; PRAGMA user_version = ${required * 2 ** versionBits + version}`)
}

function readVersion(database: DatabaseSync): { version: number; required: number } {
  const userVersion = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  return { version: userVersion & versionMask, required: userVersion >>> versionBits }
}

function isEmpty(database: DatabaseSync): boolean {
  return database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables'] === 0
}

interface Retry extends OpenDatabaseOptions {
  readonly operation: string
  readonly path: string
}

/** Runs `attempt` again, with growing waits, while the database is locked by others. */
async function untilFree<Result>(retry: Retry, attempt: () => Result): Promise<Result> {
  const { signal, operation, path, clock = systemClock, timeoutMs = 60_000 } = retry
  const start = clock.now()
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    signal?.throwIfAborted()
    try {
      return attempt()
    } catch (error) {
      if (!isDatabaseBusy(error) || clock.now() - start >= timeoutMs) throw databaseError(operation, path, error)
    }
    // Spread, so that those who wait don't all come back at once.
    await clock.sleep(waitMs * (0.5 + Math.random()), { signal })
  }
}
