import type { StopContainerOptions } from '@podwright/contracts'
import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import { isSameProcess } from '@podwright/linux'
import { parseSignal } from '@podwright/runtime'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord, ContainerRow } from '../state/record.ts'
import { holdCleanup } from './cleanup-command.ts'
import { containerFiles } from './files.ts'
import { isInitialized, observe } from './observe.ts'
import { recoverInterrupted } from './sweep.ts'
import { awaitExit, finish } from './wait.ts'

const sigkill = 9

/** How long a killed container may take to end before it is an error: a process in uninterruptible sleep ends when its I/O does. */
const killPatienceMs = 10_000

/** Sends a signal to a container's first process. */
export async function signalContainer(parts: EngineParts, record: ContainerRecord, signal: string | number): Promise<void> {
  const number = parseSignal(signal)
  const ends = number === sigkill || number === parseSignal(record.settings.stopSignal)
  if (ends && record.keeping !== undefined && !isInitialized(record)) return await endForGood(parts, record.id, number)
  const { pid, status } = observe(record, parts.evidence)
  if (pid === 0 || isInitialized(record)) throw notRunning(record, status)
  await send(parts, record, pid, number, { ends })
}

/**
 * Ends one that its policy would start again, wherever it is: it runs, waits for its restart, has just died, or is just being started by the keeper, which is
 * waited for.
 */
async function endForGood(parts: EngineParts, id: string, signal: number): Promise<void> {
  const store = await parts.store()
  const { stayEnded } = await import('../keeper/stay-ended.ts')
  for (let isFirst = true; ; isFirst = false) {
    await recoverInterrupted(parts, id)
    const record = store.require(id)
    const { pid, monitorPid, status } = observe(record, parts.evidence)
    const wasUp = (await stayEnded(parts, record)) || monitorPid !== 0
    if (pid !== 0 && (record.status !== 'initialized' || !isFirst)) return await send(parts, record, pid, signal, { ends: true })
    await finish(parts, id)
    if (hasProcess(parts, store.find(id))) continue
    if (wasUp || !isFirst) return
    throw notRunning(record, status)
  }
}

function notRunning({ id, name }: ContainerRecord, status: string): EngineError {
  // Its process is dead, and its monitor has not told so yet.
  const told = status === 'running' ? 'it has just ended' : `it is ${status}`
  return new EngineError('ERR_CONTAINER_NOT_RUNNING', `cannot send a signal to ${name}: ${told}`, { details: { id, status } })
}

/** Sends the stop signal, waits, then kills. A container that does not run is left as it is. */
export async function stopContainer(parts: EngineParts, id: string, options: StopContainerOptions = {}): Promise<void> {
  const store = await parts.store()
  await recoverInterrupted(parts, id)
  const record = store.require(id)
  const observation = observe(record, parts.evidence)
  if (observation.pid === 0) {
    if (record.keeping !== undefined) await (await import('../keeper/stay-ended.ts')).stayEnded(parts, record)
    await finish(parts, id, options)
    // The keeper may just have been at it.
    if (record.keeping !== undefined && hasProcess(parts, store.find(id))) await stopContainer(parts, id, options)
    return
  }
  const client = holdCleanup(containerFiles(parts.paths, id))
  try {
    await endProcess(parts, record, observation.pid, options)
    await finish(parts, id)
  } finally {
    client?.release()
  }
}

function hasProcess({ evidence }: EngineParts, row: ContainerRow | undefined): boolean {
  return row !== undefined && observe(row, evidence).pid !== 0
}

/** Sends a running container's process the stop signal, waits, then kills it; what the container held is given back by the caller. */
export async function endProcess(parts: EngineParts, record: ContainerRecord, pid: number, options: StopContainerOptions): Promise<void> {
  await (await parts.store()).update(record.id, { desired: 'stopped' })
  // What waits to be started has nothing yet that could hear a signal.
  const timeoutMs = isInitialized(record) ? 0 : (options.timeoutSeconds ?? record.settings.stopTimeoutSeconds) * 1000
  if (timeoutMs > 0) {
    await send(parts, record, pid, parseSignal(options.stopSignal ?? record.settings.stopSignal), { ends: true })
    if (await endsWithin(parts, record.id, timeoutMs, options)) return
  }
  await send(parts, record, pid, sigkill, { ends: true })
  if (await endsWithin(parts, record.id, killPatienceMs, options)) return
  throw new EngineError('ERR_CONTAINER_STOP_TIMEOUT', `${record.name} did not end within ${killPatienceMs / 1000} s of SIGKILL`, {
    hint: `Its process ${pid} may be waiting for a disk or a network file system: cat /proc/${pid}/stack`,
    details: { id: record.id, pid },
  })
}

async function endsWithin(parts: EngineParts, id: string, timeoutMs: number, { signal }: AbortOptions): Promise<boolean> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    await awaitExit(parts, id, { signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) })
    return true
  } catch (error) {
    if (timeout.aborted && signal?.aborted !== true) return false
    throw error
  }
}

/** What is to end a paused container lets it go on, as docker does: it would not hear the signal. Any other waits until it is unpaused. */
async function send(
  parts: EngineParts,
  record: ContainerRecord,
  pid: number,
  signal: number,
  { ends }: { readonly ends: boolean },
): Promise<void> {
  if (record.pid === pid && !isSameProcess(pid, record.pidStart)) return
  await deliver(parts, record, pid, signal)
  // It may have been paused since it was looked at.
  if (!ends || (await parts.store()).find(record.id)?.status !== 'paused' || !parts.evidence.isFrozen(pid)) return
  await (await import('./pause.ts')).letGo(parts, record)
}

/** kill(2) where it is allowed; else through the runtime, inside the user namespace that the process belongs to. */
async function deliver(parts: EngineParts, record: ContainerRecord, pid: number, signal: number): Promise<void> {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (systemCodeOf(error) === 'ESRCH') return
    if (systemCodeOf(error) !== 'EPERM') throw error
    const { runtime } = await parts.runtime(record.runtime)
    await runtime.kill(record.id, signal)
  }
}
