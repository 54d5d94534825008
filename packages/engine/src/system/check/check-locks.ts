import { tryLockFile } from '@podwright/linux'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { entriesOf } from '../stray-containers.ts'
import { type Check, isOld, type Problem } from './problem.ts'

/** A container's state, that it is being made, or that its tree is being read. */
const lockName = /^([0-9a-f]{64})(\.new|\.read)?$/

/** Files of locks that nobody holds and nobody will take again. */
export async function* checkLocks(check: Check): AsyncGenerator<Problem> {
  const { parts } = check
  const store = await parts.store()
  for (const name of entriesOf(parts.paths.locks)) {
    const [, id, passing] = lockName.exec(name) ?? []
    // That of a container that is there is for the next who changes it.
    if (id === undefined || (passing === undefined && store.find(id) !== undefined)) continue
    yield* checkLock(check, join(parts.paths.locks, name))
  }
}

function* checkLock(check: Check, path: string): Generator<Problem> {
  if (!isOld(check, path)) return
  using lock = tryLockFile(path)
  if (lock === undefined) return
  const mend = async (): Promise<void> => rmSync(path, { force: true })
  yield {
    kind: 'garbage',
    subject: path,
    reason: 'nobody holds the lock, and nobody will take it again',
    action: 'It is deleted.',
    mend,
  }
}
