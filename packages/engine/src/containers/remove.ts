import type { AbortOptions } from '@podwright/conventions'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { waitsForRestart } from '../keeper/stay-ended.ts'
import type { ContainerRecord, ContainerRow } from '../state/record.ts'
import { takeAhead } from './ahead.ts'
import { removeLocked } from './finish.ts'
import { isInitialized, observe } from './observe.ts'
import { endProcess, stopContainer } from './signal.ts'
import { lockIfThere } from './state-lock.ts'
import { recoverInterrupted } from './sweep.ts'

/** How a container is removed. */
export interface RemoveOptions extends AbortOptions {
  readonly force?: boolean | undefined
  readonly timeoutSeconds?: number | undefined
  /** Its anonymous volumes too. @default false, but for one that was to be removed at its end */
  readonly volumes?: boolean | undefined
  /** What becomes of those that need it: `remove` takes them along; `leave` leaves them without it. @default 'refuse' where one requires it */
  readonly dependents?: 'refuse' | 'remove' | 'leave' | undefined
  /** References of others that go with it. @default none */
  readonly together?: readonly string[] | undefined
  /** Only fail as the removal would. @default false */
  readonly dryRun?: boolean | undefined
}

/** Removes a container with everything it has. A running one is only removed by force: killed at once, or after its time to stop. */
export async function removeContainer(parts: EngineParts, id: string, options: RemoveOptions = {}): Promise<void> {
  const store = await parts.store()
  await settleDependents(parts, id, options)
  if (options.dryRun === true) {
    const record = store.require(id)
    if (options.force !== true && isUp(parts, record)) throw stillRunning(parts, record)
    return
  }
  // One that this process has made to start it, and won't.
  takeAhead(id)?.[Symbol.dispose]()
  await recoverInterrupted(parts, id)
  if (observe(store.require(id), parts.evidence).pid !== 0) {
    if (options.force !== true && !isInitialized(store.require(id))) throw stillRunning(parts, store.require(id))
    await stopContainer(parts, id, { signal: options.signal, timeoutSeconds: options.timeoutSeconds ?? 0 })
  }
  await using lock = await lockIfThere(parts, id, options)
  if (lock === undefined) return
  const record = await onceItIsTold(parts, id, options)
  // Another command may have started it again while this one waited.
  const { pid } = observe(record, parts.evidence)
  if (options.force !== true && isUp(parts, record)) throw stillRunning(parts, record)
  if (pid !== 0) {
    await endProcess(parts, record, pid, { signal: options.signal, timeoutSeconds: options.timeoutSeconds ?? 0 })
  }
  await removeLocked(parts, record, observe(record, parts.evidence), { volumes: options.volumes === true || record.autoRemove })
}

/** How long a monitor may take to tell how its container ended. */
const monitorPatienceMs = 2_000

/**
 * The container's record. While its process is dead and its monitor has not told how it ended, it neither runs nor has ended, and whether it is to be started
 * again depends on that: it is waited for.
 */
async function onceItIsTold(parts: EngineParts, id: string, { signal }: AbortOptions): Promise<ContainerRecord> {
  const store = await parts.store()
  const deadline = parts.clock.now() + monitorPatienceMs
  for (;;) {
    const record = store.require(id)
    const { pid, monitorPid } = observe(record, parts.evidence)
    if (pid !== 0 || monitorPid === 0 || parts.clock.now() >= deadline) return record
    await parts.clock.sleep(2, { signal })
  }
}

/** @throws `ERR_CONTAINER_REQUIRED` */
async function settleDependents(parts: EngineParts, id: string, options: RemoveOptions): Promise<void> {
  const { dependents = 'refuse', together } = options
  const store = await parts.store()
  if (dependents === 'leave' || store.dependentsOf(id).length === 0) return
  if (dependents === 'remove') {
    for (const dependent of store.dependentsOf(id)) {
      if (store.find(dependent.id) !== undefined) await removeContainer(parts, dependent.id, options)
    }
    return
  }
  const { isRequired, requiredBy } = await import('./requires.ts')
  const left = await requiredBy(parts, id, together)
  if (left.length > 0) throw isRequired(store.require(id), left)
}

/** It runs, or is about to again. One that waits to be started is neither. */
function isUp(parts: EngineParts, row: ContainerRow): boolean {
  if (isInitialized(row)) return false
  return observe(row, parts.evidence).pid !== 0 || waitsForRestart(parts, row)
}

function stillRunning({ evidence }: EngineParts, record: ContainerRecord): EngineError {
  const { id, name } = record
  return new EngineError(
    'ERR_CONTAINER_RUNNING',
    `cannot remove ${name}: it is ${waitsForRestart({ evidence }, record) ? 'restarting' : observe(record, evidence).status}`,
    {
      hint: `Stop it first (podwright stop ${name}), or remove it by force (podwright rm -f ${name}).`,
      details: { id },
    },
  )
}
