import type { Database } from '@podwright/linux'

/** Inside a transaction: does it, looks what came of it, and undoes it. */
export function rolledBack<Result>({ sqlite }: Database, work: () => Result): Result {
  sqlite.exec('SAVEPOINT dry_run')
  try {
    return work()
  } finally {
    sqlite.exec('ROLLBACK TO dry_run; RELEASE dry_run')
  }
}
