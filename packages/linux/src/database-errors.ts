import { messageOf, PodwrightError } from '@podwright/conventions'

/** Every code that the database functions throw, with its meaning. */
export const databaseErrorCodes = {
  ERR_DATABASE_BUSY: 'Another process kept the database locked for longer than the time-out.',
  ERR_DATABASE_CORRUPT: 'The file is damaged, or not a database.',
  ERR_DATABASE_FAILED: 'SQLite could not carry out a statement, or open the file.',
  ERR_DATABASE_FOREIGN: 'The file is a database of another program, or of another part of this one.',
  ERR_DATABASE_FULL: 'There is no space left on the device.',
  ERR_DATABASE_NEWER: 'A newer version wrote the database, and this one cannot work with it.',
  ERR_DATABASE_READ_ONLY: 'The database or its directory cannot be written to.',
} as const

/** A code of the database functions. */
export type DatabaseErrorCode = keyof typeof databaseErrorCodes

/** What the database functions throw on purpose. */
export class DatabaseError extends PodwrightError<DatabaseErrorCode> {}

/** SQLite's result codes, https://www.sqlite.org/rescode.html. An extended one has the primary one in its low byte. */
const sqliteBusy = 5
const sqliteLocked = 6
const sqliteFull = 13
/** A full disk shows as one of these in some places: a write that failed, and an index of the log that could not be made. */
const fullElsewhere: readonly (number | undefined)[] = [778, 4874]
const codes: Readonly<Record<number, DatabaseErrorCode>> = {
  [sqliteBusy]: 'ERR_DATABASE_BUSY',
  [sqliteLocked]: 'ERR_DATABASE_BUSY',
  8: 'ERR_DATABASE_READ_ONLY',
  11: 'ERR_DATABASE_CORRUPT',
  [sqliteFull]: 'ERR_DATABASE_FULL',
  26: 'ERR_DATABASE_CORRUPT',
}

const hints: Readonly<Partial<Record<DatabaseErrorCode, string>>> = {
  ERR_DATABASE_FULL: 'Free some space on that file system, then try again; nothing was changed.',
  ERR_DATABASE_READ_ONLY:
    'Check the owner and the permissions of the file and its directory, and whether its file system is mounted read-only.',
  ERR_DATABASE_CORRUPT: 'Restore the file from a backup, or move it away; what can be found again on disk will be.',
}

/** SQLite's result code of an error, or undefined when SQLite didn't throw it. */
function resultCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode : undefined
}

/** Whether somebody else holds the lock, so that trying again may help. */
export function isDatabaseBusy(error: unknown): boolean {
  const primary = (resultCodeOf(error) ?? 0) & 0xff
  return primary === sqliteBusy || primary === sqliteLocked
}

/** Whether there was no space for it. */
export function isDatabaseFull(error: unknown): boolean {
  const resultCode = resultCodeOf(error)
  return ((resultCode ?? 0) & 0xff) === sqliteFull || fullElsewhere.includes(resultCode)
}

/** Where nothing can be written. */
export function readOnly(message: string, path: string, cause: unknown): DatabaseError {
  return new DatabaseError('ERR_DATABASE_READ_ONLY', message, { cause, hint: hints.ERR_DATABASE_READ_ONLY ?? '', details: { path } })
}

/** An error of SQLite as one of ours; anything else as it is. */
export function databaseError(operation: string, path: string, error: unknown): unknown {
  const resultCode = resultCodeOf(error)
  if (resultCode === undefined) return error
  const code = isDatabaseFull(error) ? 'ERR_DATABASE_FULL' : (codes[resultCode & 0xff] ?? 'ERR_DATABASE_FAILED')
  const hint = hints[code]
  return new DatabaseError(code, `cannot ${operation} ${path}: ${messageOf(error)}`, {
    cause: error,
    retryable: code === 'ERR_DATABASE_BUSY',
    ...(hint !== undefined && { hint }),
    details: { path, sqliteCode: resultCode },
  })
}
