import type { AbortOptions } from '@podwright/conventions'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import { noControlGroup } from './no-control-group.ts'
import { observe } from './observe.ts'
import { lockState } from './state-lock.ts'

/** Keeps the processes of a running container from running. */
export async function pauseContainer(parts: EngineParts, id: string, options: AbortOptions): Promise<void> {
  await using _lock = await lockState(parts, id, options)
  const store = await parts.store()
  const record = store.require(id)
  const { status, pid } = observe(record, parts.evidence)
  const details = { id, status }
  if (status === 'paused') {
    const hint = `podwright unpause ${record.name} lets it go on.`
    throw new EngineError('ERR_CONTAINER_PAUSED', `cannot pause ${record.name}: it is paused already`, { hint, details })
  }
  if (status !== 'running' || pid === 0) {
    throw new EngineError('ERR_CONTAINER_NOT_RUNNING', `cannot pause ${record.name}: it is ${status}`, { details })
  }
  await freeze(parts, record)
  await store.noteContainer(id, { action: 'pause', time: parts.clock.now() })
}

/** Undoes it. */
export async function unpauseContainer(parts: EngineParts, id: string, options: AbortOptions): Promise<void> {
  await using _lock = await lockState(parts, id, options)
  const store = await parts.store()
  const record = store.require(id)
  const { status } = observe(record, parts.evidence)
  if (status !== 'paused') {
    const details = { id, status }
    throw new EngineError('ERR_CONTAINER_NOT_PAUSED', `cannot unpause ${record.name}: it is ${status}, not paused`, { details })
  }
  await thaw(parts, record)
  await store.noteContainer(id, { action: 'unpause', time: parts.clock.now() })
}

/** The caller holds the state lock. The row says so first: whoever finds it looks whether it is true (see observe.ts), and one that is frozen is never missed. */
export async function freeze(parts: EngineParts, record: ContainerRecord): Promise<void> {
  const { runtime, cgroups } = await parts.runtime(record.runtime || undefined)
  if (cgroups === 'disabled') throw noControlGroup(parts, record, 'pause', 'these alone can be frozen')
  const store = await parts.store()
  await store.update(record.id, { status: 'paused' })
  try {
    await runtime.pause(record.id)
  } catch (error) {
    await store.update(record.id, { status: 'running' })
    throw error
  }
}

/** The caller holds the state lock. */
export async function thaw(parts: EngineParts, record: ContainerRecord): Promise<void> {
  await letGo(parts, record)
  await (await parts.store()).update(record.id, { status: 'running' })
}

/** Lets the processes go on, and leaves the row: for who has just sent a signal that ends them, and holds no lock. */
export async function letGo(parts: EngineParts, record: ContainerRecord): Promise<void> {
  const { runtime } = await parts.runtime(record.runtime || undefined)
  try {
    await runtime.resume(record.id)
  } catch (error) {
    // It may have been killed while it was frozen, or another command was first.
    if (observe(record, parts.evidence).status === 'paused') throw error
  }
}
