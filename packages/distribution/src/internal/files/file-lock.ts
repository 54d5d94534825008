/** SQLITE_BUSY */
const busyCode = 5

/** A lock that is held until it is disposed of, or the process ends. */
export interface FileLock extends Disposable {}

/**
 * Takes a lock that nobody holds: an exclusive transaction of SQLite's on an empty file, which the kernel gives back when its holder is killed.
 *
 * @returns undefined when somebody holds it
 */
export async function tryFileLock(path: string): Promise<FileLock | undefined> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return { [Symbol.dispose]: () => database.close() }
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busyCode) return undefined
    throw error
  }
}
