import type { AttachEnd, AttachStreams, LaunchedMonitor, RuntimeRestoreOptions, Snapshot, WindowSize } from '@podwright/contracts'
import { type AbortOptions, messageOf } from '@podwright/conventions'
import type { FileLock } from '@podwright/linux'
import { attach } from '@podwright/runtime'
import { mkdirSync } from 'node:fs'
import { wantsAccounts } from '../accounts/wants-accounts.ts'
import { EngineError } from '../errors.ts'
import type { EngineParts, RuntimePair } from '../parts.ts'
import { isKept } from '../state/keeping.ts'
import type { ContainerRecord } from '../state/record.ts'
import { type StartAhead, takeAhead } from './ahead.ts'
import { beingStarted, keptStart } from './being-started.ts'
import { prepareBundle, prepareDirectory } from './bundle.ts'
import { holdCleanup } from './cleanup-command.ts'
import { mountSharedMemory, sharesMemory } from './shared-memory.ts'
import { withKeys } from './attach.ts'
import { removeControlGroups } from './control-groups.ts'
import { endCreation } from './creation-lock.ts'
import { disconnect } from './disconnect.ts'
import { attachTarget, type ContainerFiles, containerFiles } from './files.ts'
import { finishLocked } from './finish.ts'
import { observe } from './observe.ts'
import { paused } from './paused.ts'
import { mountedRoot } from './mounted-root.ts'
import { leaveSession } from './leave-session.ts'
import { launchMonitor } from './launch-monitor.ts'
import { concealSpec, secretVariables } from '../secrets/conceal-spec.ts'
import { secretsDirectory } from '../secrets/secrets-directory.ts'
import { requireSnapshot } from './require-snapshot.ts'
import { lockState } from './state-lock.ts'
import { recoverLocked } from './sweep.ts'
import type { BundleWithVolumes } from '../volumes/bundle-with-volumes.ts'
import { usesVolumes } from '../volumes/uses-volumes.ts'
import { releaseMounts } from './release-mounts.ts'
import { awaitEnd, finish } from './wait.ts'
import { uplinkOf } from './uplink-of.ts'
import { measureWindow } from './window.ts'

/** How a container is started. */
export interface StartOptions extends AbortOptions {
  readonly streams?: AttachStreams | undefined
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
    const record = ahead?.record ?? (await readyToStart(parts, id))
    if (ahead === undefined) await leaveSession(parts)
    const pair = ahead?.pair ?? (await parts.runtime(record.runtime || undefined))
    const client = options.streams === undefined ? undefined : await measureWindow(options.streams, record.settings.terminal)
    const wish = { signal: options.signal, windowSize: client?.size, restarts: options.restarts, restore: options.restore }
    if (ahead === undefined) await createProcess(parts, pair, record, files, wish)
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

async function readyToStart(parts: EngineParts, id: string): Promise<ContainerRecord> {
  const store = await parts.store()
  await recoverLocked(parts, id)
  const record = store.require(id)
  const observation = observe(record, parts.evidence)
  if (observation.needsCleanup) {
    await finishLocked(parts, record, observation)
    return store.require(id)
  }
  if (observation.status === 'created' || observation.status === 'exited') return record
  if (observation.status === 'paused') throw paused(`start ${record.name}`, record)
  throw new EngineError('ERR_CONTAINER_RUNNING', `cannot start ${record.name}: it is ${observation.status} already`, {
    details: { id, status: observation.status },
  })
}

/** What a container's process is made with. */
interface ProcessOptions extends AbortOptions {
  readonly windowSize: WindowSize | undefined
  readonly restarts?: number | undefined
  readonly restore?: RuntimeRestoreOptions | undefined
}

/** Has the monitor and the runtime make the container's process, up to just before its first instruction. */
async function createProcess(
  parts: EngineParts,
  pair: RuntimePair,
  record: ContainerRecord,
  files: ContainerFiles,
  options: ProcessOptions,
): Promise<void> {
  const store = await parts.store()
  const snapshot = await requireSnapshot(parts, record)
  // Whoever made it may have been killed before.
  if (wantsAccounts(record.settings)) await (await import('../accounts/add-accounts.ts')).addAccounts(parts, record, snapshot, options)
  const root = await mountedRoot(parts, snapshot)
  prepareDirectory(record, files)
  // From here on mounts, open secrets and a process may be left over by a crash: the row says so before they can be, and the pid files tell which process.
  await store.update(record.id, record.keeping === undefined ? beingStarted(parts, pair) : keptStart(beingStarted(parts, pair), options))
  await orUndo(parts, pair, record, async () => {
    if (sharesMemory(record.settings.tuning)) await mountSharedMemory(parts, record.settings.tuning, files, options)
    // Before the monitor has a mount namespace of its own, or it would not see them.
    const bundle = usesVolumes(record)
      ? await (await import('../volumes/bundle-with-volumes.ts')).prepareBundleWithVolumes(parts, record, snapshot, files, options)
      : undefined
    using monitor = await launchMonitor(parts, pair, record, files, { signal: options.signal, restore: options.restore })
    monitor.mount(root.mounts)
    await createIn(parts, monitor, record, files, { ...options, snapshot, bundle })
  })
}

/** Has a monitor that is on its way make the process; the bundle, when it isn't ready, is worked out meanwhile. */
async function createIn(
  parts: EngineParts,
  monitor: LaunchedMonitor,
  record: ContainerRecord,
  files: ContainerFiles,
  options: ProcessOptions & { readonly snapshot: Snapshot; readonly bundle?: BundleWithVolumes | undefined },
): Promise<void> {
  const { signal, snapshot, windowSize, bundle } = options
  const spec = bundle?.spec ?? (await prepareBundle(parts, record, snapshot, files, windowSize)).spec
  const isSecret = secretVariables(record.settings).length > 0
  const configDirectory = isSecret ? secretsDirectory(parts, record.id) : undefined
  const { pid, monitorPid } = await monitor.create(spec, { signal, configDirectory })
  if (isSecret) concealSpec(files, record.settings)
  if (bundle !== undefined && bundle.parts.length > 0) (await import('../volumes/verify-subpaths.ts')).verifySubpaths(pid, bundle.parts)
  const { pidFile, monitorPidFile } = record.settings.tuning ?? {}
  if (pidFile !== undefined) (await import('../tuning/pid-file.ts')).writePidFile(pidFile, pid)
  if (monitorPidFile !== undefined) (await import('../tuning/pid-file.ts')).writePidFile(monitorPidFile, monitorPid)
  if (record.network === 'private') {
    // Its namespaces belong to a user namespace that only the engine's own may look into.
    const prefix = record.settings.idMap === undefined ? [] : await (await parts.namespace()).prefix({ signal })
    const target = { pid, directory: files.directory, ports: record.ports, prefix }
    const connecting = (await uplinkOf(parts, record)).connect(target, { signal })
    await (record.ports.length === 0
      ? connecting
      : (await import('./ports/name-port-holder.ts')).namingPortHolder(parts, record, connecting))
  }
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

/** When a start fails, takes the half-made process away, puts the state back to what it was, and notes why. */
async function orUndo<Result>(
  parts: EngineParts,
  pair: RuntimePair,
  record: ContainerRecord,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const store = await parts.store()
    const pids = parts.evidence.readPids(record.id)
    await pair.runtime.delete(record.id, { force: true }).catch(() => undefined)
    if (pair.cgroups === 'enabled') await removeControlGroups(parts, record, pair)
    await disconnect(parts, record).catch(() => undefined)
    await releaseMounts(parts, record).catch(() => undefined)
    // A monitor that is still about to write its exit file would end the next start in advance.
    if (pids !== undefined) await untilGone(parts, pids.monitorPid, pids.monitorStart)
    const { status, desired, exitCode, startedAt, finishedAt } = record
    await store.update(record.id, { status, desired, exitCode, startedAt, finishedAt, error: messageOf(error) })
    throw error
  }
}

/** How long a monitor may take to end once its container is gone. */
const monitorPatienceMs = 2_000

async function untilGone(parts: EngineParts, pid: number, start: number): Promise<void> {
  const deadline = parts.clock.now() + monitorPatienceMs
  while (parts.evidence.isAlive(pid, start) && parts.clock.now() < deadline) await parts.clock.sleep(5)
}
