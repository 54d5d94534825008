import type { AbortOptions } from '@podwright/conventions'
import { isPodwrightError, messageOf } from '@podwright/conventions'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import type { Dependent } from '../state/dependencies.ts'
import { lookUpContainer } from './lookup.ts'
import { observe } from './observe.ts'
import { startContainer } from './start.ts'

/** Starts the containers that one requires, and those that they require, when they don't run. @throws `ERR_CONTAINER_REQUIRES` */
export async function startRequired(parts: EngineParts, record: ContainerRecord, options: AbortOptions): Promise<void> {
  const store = await parts.store()
  for (const id of record.settings.tuning?.requires ?? []) {
    const required = store.get(id)
    if (required !== undefined && observe(required, parts.evidence).pid !== 0) continue
    try {
      await startRequired(parts, store.require(id), options)
      await startContainer(parts, id, options)
    } catch (cause) {
      // Somebody was faster.
      if (isPodwrightError(cause, 'ERR_CONTAINER_RUNNING')) continue
      options.signal?.throwIfAborted()
      throw new EngineError(
        'ERR_CONTAINER_REQUIRES',
        `cannot start ${record.name}: it requires ${required?.name ?? id.slice(0, 12)}, which does not start: ${messageOf(cause)}`,
        { cause, details: { id: record.id, requires: id } },
      )
    }
  }
}

/** Whoever requires a container, but for those that go with it. */
export async function requiredBy(parts: EngineParts, id: string, together: readonly string[] = []): Promise<readonly Dependent[]> {
  const store = await parts.store()
  const dependents = store.dependentsOf(id).filter(({ reason }) => reason === 'requires')
  if (dependents.length === 0) return []
  const going = new Set(together.flatMap((reference) => idOf(reference)))
  return dependents.filter((dependent) => !going.has(dependent.id))

  function idOf(reference: string): readonly string[] {
    try {
      return [lookUpContainer(store, reference).id]
    } catch {
      return []
    }
  }
}

/** The error for a container that others require. */
export function isRequired({ id, name }: ContainerRecord, dependents: readonly Dependent[]): EngineError {
  const names = dependents.map((dependent) => dependent.name)
  return new EngineError('ERR_CONTAINER_REQUIRED', `cannot remove ${name}: it is required by ${names.join(', ')}`, {
    hint: `podwright rm ${[...names, name].join(' ')} removes all of them, and so does podwright rm --depend ${name}.`,
    details: { id, dependents: dependents.map((dependent) => dependent.id) },
  })
}
