import type { AttachEnd, AttachStreams, HandedOn, RuntimeRestoreOptions } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { FileLock } from '@podwright/linux'
import { attach } from '@podwright/runtime'
import { mkdirSync } from 'node:fs'
import { EngineError } from '../errors.ts'
import type { EngineParts, RuntimePair } from '../parts.ts'
import { isKept } from '../state/keeping.ts'
import type { ContainerRecord } from '../state/record.ts'
import { type StartAhead, takeAhead } from './ahead.ts'
import { holdCleanup } from './cleanup-command.ts'
import { withKeys } from './attach.ts'
import { endCreation } from './creation-lock.ts'
import { attachTarget, type ContainerFiles, containerFiles } from './files.ts'
import { finishLocked } from './finish.ts'
import { isInitialized, observe } from './observe.ts'
import { paused } from './paused.ts'
import { leaveSession } from './leave-session.ts'
import { createIn, createProcess, orUndo, untilGone } from './make-process.ts'
import { lockState } from './state-lock.ts'
import { recoverLocked } from './sweep.ts'
import { awaitEnd, finish } from './wait.ts'
import { measureWindow } from './window.ts'

/** How a container is started. */
export interface StartOptions extends AbortOptions {
  readonly streams?: AttachStreams | undefined
  readonly handedOn?: HandedOn | undefined
  /** From its checkpoint, instead of from the beginning. */
  readonly restore?: RuntimeRestoreOptions | undefined
  /** The keeper starts it again, as often as this says by now. @default somebody starts it: 0 */
  readonly restarts?: number | undefined
}

/** Starts a container that is not running. */
export async function startContainer(parts: EngineParts, id: string, options: StartOptions): Promise<AttachEnd | undefined> {
  using ahead = takeAhead(id)
  const lock = ahead?.lock ?? (await lockState(parts, id, options))
  return await startHolding(parts, id, lock, { ...options, ahead })
}

/**
 * The same for who holds the state lock, which is given back as soon as the container runs, or can't. With streams, the clean-up afterwards is ours, so
 * that the monitor need not start a process for it.
 */
export async function startHolding(
  parts: EngineParts,
  id: string,
  lock: FileLock,
  { ahead, ...options }: StartOptions & { readonly ahead?: StartAhead | undefined },
): Promise<AttachEnd | undefined> {
  const files = containerFiles(parts.paths, id)
  let cleanup: FileLock | undefined
  let started: ContainerRecord
  try {
    // Whoever made the container may have been killed before its directory was there.
    mkdirSync(files.directory, { recursive: true, mode: 0o700 })
    // Also of one that will run on without us: a clean-up would wait for the state lock, and a start that fails for that one.
    cleanup = holdCleanup(files)
    const record = ahead?.record ?? (await readyToStart(parts, id, { orInitialized: options.restore === undefined }))
    if (ahead === undefined && !isInitialized(record)) await leaveSession(parts)
    const pair = ahead?.pair ?? (await parts.runtime(record.runtime || undefined))
    const client = options.streams === undefined ? undefined : await measureWindow(options.streams, record.settings.terminal)
    const wish = {
      signal: options.signal,
      windowSize: client?.size,
      restarts: options.restarts,
      restore: options.restore,
      handedOn: options.handedOn,
    }
    if (isInitialized(record)) await (await parts.store()).update(id, { desired: 'running' })
    else if (ahead === undefined) await createProcess(parts, pair, record, files, wish)
    else {
      await orUndo(parts, pair, record, async () => {
        // Called off before anything is undone, which waits for its end.
        using monitor = ahead.monitor
        await createIn(parts, monitor, record, files, { ...wish, snapshot: ahead.snapshot })
      })
    }
    const run = (): Promise<void> => runProcess(parts, pair, record, lock, options)
    const runAndTell = async (): Promise<void> => {
      await run()
      void tellHealth(parts, record, options).catch(() => undefined)
    }
    if (client !== undefined) return await runAttached(parts, pair, record, files, client.streams, runAndTell)
    await orUndo(parts, pair, record, run)
    started = record
  } finally {
    cleanup?.release()
    lock.release()
    endCreation(parts.paths, id)
  }
  await tellHealth(parts, started, options)
  // One that was over at once found its clean-up taken.
  if (parts.evidence.readExit(id) !== undefined) await finish(parts, id)
  return undefined
}

async function tellHealth(parts: EngineParts, record: ContainerRecord, options: AbortOptions): Promise<void> {
  if (record.settings.tuning?.notify === 'healthy') await (await import('./notify.ts')).notifyHealthy(parts, record, options)
}

async function runAttached(
  parts: EngineParts,
  pair: RuntimePair,
  record: ContainerRecord,
  files: ContainerFiles,
  streams: AttachStreams,
  run: () => Promise<void>,
): Promise<AttachEnd> {
  if (record.settings.logging?.driver === 'passthrough') {
    await orUndo(parts, pair, record, run)
    return { type: 'exited', exitCode: await awaitEnd(parts, record.id) }
  }
  const keyed = withKeys(streams, record.settings.terminal)
  const reason = await orUndo(parts, pair, record, () => attach(attachTarget(files), keyed, { onConnected: run }))
  return reason === 'detached' ? { type: 'detached' } : { type: 'exited', exitCode: await awaitEnd(parts, record.id) }
}

/** @throws `ERR_CONTAINER_RUNNING`, `ERR_CONTAINER_PAUSED` */
export async function readyToStart(
  parts: EngineParts,
  id: string,
  options: { readonly orInitialized?: boolean } = {},
): Promise<ContainerRecord> {
  const store = await parts.store()
  await recoverLocked(parts, id)
  const record = store.require(id)
  let observation = observe(record, parts.evidence)
  if (isInitialized(record) && observation.pid === 0 && observation.monitorPid !== 0) {
    // It was killed just now, and its monitor is about to tell.
    await untilGone(parts, record.monitorPid, record.monitorStart)
    observation = observe(record, parts.evidence)
  }
  if (observation.needsCleanup) {
    await finishLocked(parts, record, observation)
    return store.require(id)
  }
  if (observation.status === 'created' || observation.status === 'exited') return record
  if (isInitialized(record) && observation.pid !== 0 && options.orInitialized === true) return record
  const verb = options.orInitialized === true ? 'start' : 'initialize'
  if (observation.status === 'paused') throw paused(`${verb} ${record.name}`, record)
  throw new EngineError('ERR_CONTAINER_RUNNING', `cannot ${verb} ${record.name}: it is ${observation.status} already`, {
    details: { id, status: observation.status },
  })
}

async function runProcess(
  parts: EngineParts,
  pair: RuntimePair,
  record: ContainerRecord,
  lock: FileLock,
  { restore }: Pick<StartOptions, 'restore'>,
): Promise<void> {
  const store = await parts.store()
  const pids = parts.evidence.readPids(record.id)
  // One that was restored runs already.
  if (restore === undefined) await pair.runtime.start(record.id)
  const time = parts.clock.now()
  const { keeping } = record
  await store.update(
    record.id,
    { status: 'running', startedAt: time, ...pids, ...(keeping && (await import('../keeper/kept-run.ts')).keptRun(keeping, time)) },
    { action: restore === undefined ? 'start' : 'restore', time },
  )
  if (parts.environment['NOTIFY_SOCKET'] !== undefined)
    await (await import('./notify.ts')).notifyStart(parts, record.settings, pids?.monitorPid ?? 0)
  if (isKept(record)) (await import('../keeper/start-keeper.ts')).callKeeper(parts, store.find(record.id))
  lock.release()
  endCreation(parts.paths, record.id)
}
