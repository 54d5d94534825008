import { type AbortOptions, type Clock, systemClock } from '@podwright/conventions'

/** Options of `withFileLock`. */
export interface WithFileLockOptions extends AbortOptions {
  /** @default the machine's */
  readonly clock?: Clock | undefined
}

/** Longest pause between two tries. */
const pauseMaximumMs = 50

/** SQLITE_BUSY */
const busyCode = 5

/**
 * Does work that no two processes may do at once. The lock is an exclusive transaction of SQLite's on an empty file: the one lock that Node has on every
 * system which is given back when its holder is killed. The file stays, since whoever deletes it would let two in.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, options: WithFileLockOptions = {}): Promise<T> {
  const { clock = systemClock, signal } = options
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    for (let pauseMs = 1; !take(); pauseMs = Math.min(pauseMs * 2, pauseMaximumMs)) await clock.sleep(pauseMs, { signal })
    return await work()
  } finally {
    database.close()
  }

  function take(): boolean {
    signal?.throwIfAborted()
    try {
      database.exec('BEGIN EXCLUSIVE')
      return true
    } catch (error) {
      if (error instanceof Error && 'errcode' in error && error.errcode === busyCode) return false
      throw error
    }
  }
}
