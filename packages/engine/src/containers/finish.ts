import { isPodwrightError, tearDown } from '@podwright/conventions'
import type { Storage } from '@podwright/contracts'
import { existsSync, renameSync, rmSync } from 'node:fs'
import type { EngineParts, RuntimePair } from '../parts.ts'
import { died } from '../state/event-log.ts'
import { nextRestart } from '../keeper/next-restart.ts'
import type { ContainerRecord } from '../state/record.ts'
import { disconnect } from './disconnect.ts'
import { mayHaveHooks } from './may-have-hooks.ts'
import { type ContainerFiles, containerFiles } from './files.ts'
import type { Observation } from './observe.ts'
import { usesVolumes } from '../volumes/uses-volumes.ts'
import { releaseMounts } from './release-mounts.ts'
import { removeControlGroups } from './control-groups.ts'
import { rootMount } from './root-mount.ts'
import { unmountRoot } from './unmount.ts'

/**
 * Gives back what an ended container held: the runtime's state and cgroup, sockets and pid files; notes how it ended; removes it when it was
 * to be removed at its end, or when its removal was begun. The caller holds the state lock. Each step can be done twice, so that a clean-up
 * which was killed is simply done again.
 */
export async function finishLocked(parts: EngineParts, record: ContainerRecord, observation: Observation): Promise<void> {
  const restart = record.keeping === undefined ? undefined : nextRestart(record, observation, parts.evidence.bootId())
  if ((record.autoRemove && restart === undefined) || record.status === 'removing') {
    await removeLocked(parts, record, observation)
    return
  }
  const files = containerFiles(parts.paths, record.id)
  await releaseProcess(parts, record)
  for (const path of [files.attachSocket, files.controlFifo]) rmSync(path, { force: true })
  const store = await parts.store()
  const { exitCode = -1, finishedAt = parts.clock.now() } = observation
  const ended = { exitCode: observation.exitCode, finishedAt: observation.finishedAt }
  await store.update(
    record.id,
    // What is desired stays as it is where a restart follows: it may have been stopped just now.
    { status: 'exited', ...(restart ?? { desired: 'stopped' }), ...ended, pid: 0, monitorPid: 0 },
    ...(isSeenEnd(record) ? [] : died({ exitCode, finishedAt, oomKilled: existsSync(files.oomFile) })),
  )
}

/** Removes a container that does not run: first the mark, then what it holds, last the row, so that a crash leaves something to go on with. */
export async function removeLocked(
  parts: EngineParts,
  record: ContainerRecord,
  observation?: Observation,
  { volumes = record.autoRemove }: { readonly volumes?: boolean | undefined } = {},
): Promise<void> {
  const store = await parts.store()
  const files = containerFiles(parts.paths, record.id)
  const exitCode = observation?.exitCode
  const finishedAt = observation?.finishedAt ?? parts.clock.now()
  const exit =
    exitCode === undefined ? undefined : { exitCode, finishedAt, isNew: !isSeenEnd(record), oomKilled: existsSync(files.oomFile) }
  await store.beginRemoval(record.id, exit)
  const storage = await parts.storage()
  // One that never ran may have been killed in its first start.
  await Promise.all([
    record.runtime === '' ? releaseMounts(parts, record) : releaseProcess(parts, record),
    removeTree(parts, storage, record.id),
  ])
  if (usesVolumes(record)) {
    await (await import('../volumes/container-volumes.ts')).releaseVolumes(parts, record, { anonymous: volumes })
  }
  removeDirectory(files)
  await store.remove(record.id, parts.clock.now())
  for (const path of [files.stateLock, files.creationLock, files.readingLock]) rmSync(path, { force: true })
}

/** Whether its end is on record already, or it never ran. */
function isSeenEnd({ status }: ContainerRecord): boolean {
  return status === 'exited' || status === 'created' || status === 'removing'
}

/** Under another name first: what the monitor runs at its end can make no file in it any more. */
function removeDirectory({ directory }: ContainerFiles): void {
  const gone = `${directory}.gone`
  if (existsSync(directory)) {
    rmSync(gone, { recursive: true, force: true })
    renameSync(directory, gone)
  }
  rmSync(gone, { recursive: true, force: true })
}

async function removeTree({ paths }: EngineParts, storage: Storage, id: string): Promise<void> {
  const snapshot = await storage.snapshot(id).catch(() => undefined)
  if (snapshot !== undefined) await unmountRoot(rootMount(paths, snapshot).mounts)
  await removeSnapshot(storage, id)
}

/** Whoever has it mounted to look at it loses it. */
async function removeSnapshot(storage: Storage, id: string): Promise<void> {
  try {
    await storage.removeSnapshot(id)
  } catch (error) {
    if (!isPodwrightError(error, 'ERR_SNAPSHOT_MOUNTED')) throw error
    await storage.unmountSnapshot(id, { force: true })
    await storage.removeSnapshot(id)
  }
}

async function releaseProcess(parts: EngineParts, record: ContainerRecord): Promise<void> {
  const pair = await parts.runtime(record.runtime)
  await tearDown([() => deleteProcess(parts, pair, record), () => disconnect(parts, record), () => releaseMounts(parts, record)])
}

/** How long the monitor may take to have the runtime forget the container, before we do. */
const monitorPatienceMs = 500

/**
 * The monitor has the runtime do it as soon as the container has ended; a monitor that was killed does not. That is waited for, unless what is left is a
 * directory below the run root of an id that never comes again.
 */
async function deleteProcess(parts: EngineParts, pair: RuntimePair, record: ContainerRecord): Promise<void> {
  const { runtime, cgroups } = pair
  const deadline = parts.clock.now() + (mayHaveHooks(record.settings) ? 0 : monitorPatienceMs)
  const isMonitored = (): boolean => parts.evidence.isAlive(record.monitorPid, record.monitorStart)
  if (record.autoRemove && !mayHaveHooks(record.settings) && cgroups === 'disabled' && isMonitored()) return
  while (runtime.knows(record.id) && parts.clock.now() < deadline && isMonitored()) await parts.clock.sleep(1)
  await runtime.delete(record.id, { force: true })
  if (cgroups === 'enabled') await removeControlGroups(parts, record, pair)
}
