import type { CheckpointOptions, RestoreOptions } from '@podwright/contracts'
import { findTool, installHint, runTool } from '@podwright/linux'
import { mkdirSync, rmSync } from 'node:fs'
import { EngineError } from '../errors.ts'
import type { EngineParts, RuntimePair } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { checkpointFiles, noteRestored, settleCheckpoint } from './checkpoint-files.ts'
import { holdCleanup } from './cleanup-command.ts'
import { containerFiles } from './files.ts'
import { finishLocked } from './finish.ts'
import { observe } from './observe.ts'
import { startHolding } from './start.ts'
import { lockState } from './state-lock.ts'
import { recoverLocked } from './sweep.ts'
import { awaitExit } from './wait.ts'

/**
 * Writes a running container's processes to disk, and ends them unless they are to go on. While CRIU is at it they do not run. What it has not finished
 * does not count; whoever is killed once it has finished leaves a checkpoint, and a container that has ended.
 */
export async function checkpointContainer(parts: EngineParts, id: string, options: CheckpointOptions): Promise<void> {
  const files = containerFiles(parts.paths, id)
  await using _lock = await lockState(parts, id, options)
  await recoverLocked(parts, id)
  const store = await parts.store()
  const record = store.require(id)
  refuseUser(parts, record, 'checkpoint')
  const { status, pid } = observe(record, parts.evidence)
  if (status !== 'running' || pid === 0) {
    throw new EngineError('ERR_CONTAINER_NOT_RUNNING', `cannot checkpoint ${record.name}: it is ${status}`, { details: { id, status } })
  }
  if (record.autoRemove) throw refused(record, 'checkpoint', 'it is removed when it ends (--rm), and the checkpoint with it')
  const pair = await parts.runtime(record.runtime || undefined)
  await requireSupport(pair, record, options)
  const { unfinished } = checkpointFiles(files)
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  const { leaveRunning = false, tcpEstablished, fileLocks, keep, signal } = options
  // The monitor need not start a clean-up, which would wait for us and find nothing to do.
  using _cleanup = leaveRunning ? undefined : holdCleanup(files)
  // Its end is not one that a restart policy follows.
  if (!leaveRunning) await store.update(id, { desired: 'stopped' })
  try {
    const wish = { imageDirectory: unfinished, workDirectory: unfinished, leaveRunning, tcpEstablished, fileLocks, signal }
    await pair.runtime.checkpoint(id, { ...wish, emptyNetwork: isEmptied(record) })
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    if (observe(record, parts.evidence).pid !== 0) await store.update(id, { desired: record.desired })
    throw error
  }
  settleCheckpoint(files, { keep })
  if (!leaveRunning) {
    await awaitExit(parts, id, { signal })
    await finishLocked(parts, { ...store.require(id), desired: 'stopped' }, observe(record, parts.evidence))
  }
  await store.noteContainer(id, { action: 'checkpoint', time: parts.clock.now() })
}

/** Has a container that does not run go on from its checkpoint, which is gone then unless it is to be kept. One that can't be restored keeps it. */
export async function restoreContainer(parts: EngineParts, id: string, options: RestoreOptions): Promise<void> {
  const files = containerFiles(parts.paths, id)
  const lock = await lockState(parts, id, options)
  try {
    await recoverLocked(parts, id)
    const record = (await parts.store()).require(id)
    refuseUser(parts, record, 'restore')
    const { status, pid } = observe(record, parts.evidence)
    if (pid !== 0) {
      throw new EngineError('ERR_CONTAINER_RUNNING', `cannot restore ${record.name}: it is ${status}`, { details: { id, status } })
    }
    if (!settleCheckpoint(files)) {
      throw refused(
        record,
        'restore',
        'it has no checkpoint that was finished',
        `Make one while it runs: podwright container checkpoint ${record.name}`,
      )
    }
    await requireSupport(await parts.runtime(record.runtime || undefined), record, options)
    const { tcpEstablished, fileLocks, signal } = options
    const restore = { imageDirectory: checkpointFiles(files).directory, emptyNetwork: isEmptied(record), tcpEstablished, fileLocks }
    await startHolding(parts, id, lock, { signal, restore })
    noteRestored(files, options)
  } finally {
    lock.release()
  }
}

/** What is in it is made by an uplink, or is nothing but the loopback device. */
function isEmptied({ network }: Pick<ContainerRecord, 'network'>): boolean {
  return network === 'private' || network === 'none'
}

function refuseUser({ rootless }: EngineParts, record: ContainerRecord, verb: string): void {
  if (rootless)
    throw refused(record, verb, "CRIU needs root, and so does what is done to a plain user's containers", 'Run the container as root.')
}

/** @throws `ERR_CONTAINER_CHECKPOINT` */
async function requireSupport({ runtime }: RuntimePair, record: ContainerRecord, { tcpEstablished }: RestoreOptions): Promise<void> {
  if (tcpEstablished === true && record.network !== 'host') {
    throw refused(record, 'checkpoint or restore', 'connections (--tcp-established) can be kept on the network of the host alone')
  }
  if (findTool('criu') === undefined) throw refused(record, 'checkpoint or restore', 'criu is not installed', installHint('criu'))
  if (runtime.name !== 'crun') return
  const { stdout } = await runTool(runtime.path, ['--version'], { allowFailure: true })
  if (stdout.includes('+CRIU')) return
  throw refused(
    record,
    'checkpoint or restore',
    `its runtime crun is built without CRIU (crun --version)`,
    'A container that runc runs can be: podwright --runtime runc run …',
  )
}

function refused({ id, name }: Pick<ContainerRecord, 'id' | 'name'>, verb: string, why: string, hint?: string): EngineError {
  return new EngineError('ERR_CONTAINER_CHECKPOINT', `cannot ${verb} ${name}: ${why}`, {
    ...(hint !== undefined && { hint }),
    details: { id },
  })
}
