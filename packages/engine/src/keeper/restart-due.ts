import { messageOf } from '@podwright/conventions'
import { tryLockFile } from '@podwright/linux'
import { rmSync } from 'node:fs'
import { containerFiles } from '../containers/files.ts'
import { finishLocked } from '../containers/finish.ts'
import { observe } from '../containers/observe.ts'
import { startHolding } from '../containers/start.ts'
import { recoverLocked } from '../containers/sweep.ts'
import type { EngineParts } from '../parts.ts'
import { longer, nextRestart, restartTime } from './next-restart.ts'

/**
 * Starts an ended container again when that is due. All is decided under its state lock, from what is on record then: who has stopped, started or removed it
 * meanwhile was first. A start that fails is tried again, after a longer time.
 */
export async function restartDue(parts: EngineParts, id: string): Promise<void> {
  const lock = tryLockFile(containerFiles(parts.paths, id).stateLock)
  // Somebody is at work on it; whoever calls looks again.
  if (lock === undefined) return
  using _held = lock
  const store = await parts.store()
  await recoverLocked(parts, id)
  const found = store.get(id)
  if (found === undefined) {
    // To ask for the lock has made its file anew.
    rmSync(lock.path, { force: true })
    return
  }
  const observation = observe(found, parts.evidence)
  if (observation.needsCleanup) await finishLocked(parts, found, observation)
  const record = store.get(id)
  if (record?.keeping === undefined) return
  const due = restartTime(record)
  if (due === undefined || due > parts.clock.now()) return
  const restarts = record.keeping.restartCount + 1
  try {
    await startHolding(parts, id, lock, { restarts })
  } catch (error) {
    await tryLater(parts, id, restarts, error)
  }
}

async function tryLater(parts: EngineParts, id: string, restarts: number, error: unknown): Promise<void> {
  const store = await parts.store()
  const row = store.find(id)
  // It may have been stopped, or removed, as soon as it ran.
  if (row?.keeping === undefined || restartTime(row) === undefined) return
  const now = parts.clock.now()
  const restartDelayMs = longer(row.keeping.restartDelayMs)
  const failed = { ...row, keeping: { ...row.keeping, restartCount: restarts } }
  const isOver = nextRestart(failed, { exitCode: -1, finishedAt: now }, row.bootId) === undefined
  const next = isOver ? { restartAt: undefined, desired: 'stopped' as const } : { restartAt: now + restartDelayMs, restartDelayMs }
  await store.update(id, { error: messageOf(error), restartCount: restarts, ...next })
}
