import type { AbortOptions } from '@podwright/conventions'
import { isSameProcess, tryLockFile } from '@podwright/linux'
import { waitExit } from '@podwright/runtime'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { containerFiles } from './files.ts'
import { finishLocked } from './finish.ts'
import { observe } from './observe.ts'
import { dropLock, lockIfThere } from './state-lock.ts'
import { isInterrupted } from './sweep.ts'

/** How often is looked where there are no processes to watch. */
const lookEveryMs = 100

/** Waits for the end of a container and gives back what it held; its exit code. */
export async function awaitEnd(parts: EngineParts, id: string, options: AbortOptions = {}): Promise<number> {
  const exitCode = await awaitExit(parts, id, options)
  await finish(parts, id)
  return exitCode
}

/** Waits for the end of a container; one that was removed meanwhile has its exit code on record. */
export async function awaitExit(parts: EngineParts, id: string, options: AbortOptions = {}): Promise<number> {
  const store = await parts.store()
  for (;;) {
    const row = store.find(id)
    if (row === undefined) return recordedExit(store, id)
    const observation = observe(row, parts.evidence)
    // One that is being started and has no process yet has not ended, though nothing of it lives.
    const isBegun = isInterrupted(row) && parts.evidence.readPids(id) === undefined && parts.evidence.readExit(id) === undefined
    if (observation.status === 'exited' && !isBegun) return observation.exitCode ?? -1
    if (observation.status === 'removing') return recordedExit(store, id)
    if (observation.status === 'created' || row.pid === 0) {
      // Not started yet, or being started: there are no processes to watch.
      await parts.clock.sleep(lookEveryMs, options)
      continue
    }
    const exit = await waitExit(containerFiles(parts.paths, id).exitDirectory, id, {
      ...options,
      monitorAlive: () => isSameProcess(row.monitorPid, row.monitorStart),
      containerAlive: () => isSameProcess(row.pid, row.pidStart),
    })
    if (exit.exitCode >= 0) return exit.exitCode
    // Nobody can tell from its files, or they are gone with it: the next look at its row decides.
  }
}

/** Gives back what an ended container held, and removes it when it was to be. Nothing happens when somebody did already. */
export async function finish(parts: EngineParts, id: string, options: AbortOptions = {}): Promise<void> {
  const store = await parts.store()
  if (store.find(id) === undefined) return
  await using lock = await lockIfThere(parts, id, options)
  if (lock !== undefined) await finishHolding(parts, id)
}

/** The same, unless somebody else is at work on the container. */
export async function finishIfFree(parts: EngineParts, id: string): Promise<void> {
  using lock = tryLockFile(containerFiles(parts.paths, id).stateLock)
  if (lock === undefined) return
  if ((await parts.store()).find(id) === undefined) dropLock(lock)
  else await finishHolding(parts, id)
}

async function finishHolding(parts: EngineParts, id: string): Promise<void> {
  const record = (await parts.store()).require(id)
  const observation = observe(record, parts.evidence)
  if (observation.needsCleanup) await finishLocked(parts, record, observation)
}

function recordedExit(store: { exitOf(id: string): number | undefined }, id: string): number {
  const exitCode = store.exitOf(id)
  if (exitCode !== undefined) return exitCode
  throw new EngineError('ERR_CONTAINER_NOT_FOUND', `the container ${id.slice(0, 12)} was removed before it ended`)
}
