import { type AbortOptions, isPodwrightError, messageOf } from '@podwright/conventions'
import { removeContainer } from '../../containers/remove.ts'
import { awaitCleanups } from '../../containers/sweep.ts'
import { EngineError } from '../../errors.ts'
import type { EngineParts } from '../../parts.ts'
import { containerDirectories, endStray, hasProcesses, runtimeTraces } from '../stray-containers.ts'

/**
 * Removes every container, running or not, and ends the processes of those that can't be removed or that nobody has on record. Once nothing of them lives, that some
 * could not be removed in order doesn't matter: their files go with the rest.
 *
 * @throws `ERR_ENGINE_RESET` when something still lives
 */
export async function endContainers(parts: EngineParts, options: AbortOptions): Promise<void> {
  const failures: string[] = []
  const ids = await recordedIds(parts)
  for (const id of ids) {
    options.signal?.throwIfAborted()
    await removeContainer(parts, id, { force: true, volumes: true, dependents: 'leave', signal: options.signal }).catch(
      (error: unknown) => {
        if (isPodwrightError(error, 'ERR_CONTAINER_NOT_FOUND')) return
        options.signal?.throwIfAborted()
        failures.push(messageOf(error))
      },
    )
  }
  for (const id of strayIds(parts)) {
    await endStray(parts, id)
    if (await hasProcesses(parts, id)) throw stillLiving(id, failures)
  }
  // One that opens the engine once more would make its directories anew.
  await awaitCleanups(parts, ids)
}

/** None when the database is damaged: then the directories tell. */
async function recordedIds(parts: EngineParts): Promise<readonly string[]> {
  try {
    return (await parts.store()).list().map(({ id }) => id)
  } catch (error) {
    if (isPodwrightError(error, 'ERR_DATABASE_CORRUPT')) return []
    throw error
  }
}

function strayIds(parts: EngineParts): readonly string[] {
  const directories = containerDirectories(parts).map((name) => name.replace(/\.gone$/, ''))
  return [...new Set([...directories, ...runtimeTraces(parts).map(({ id }) => id)])]
}

function stillLiving(id: string, failures: readonly string[]): EngineError {
  const why = failures.length > 0 ? `: ${failures.join('; ')}` : ''
  return new EngineError('ERR_ENGINE_RESET', `cannot reset: processes of the container ${id.slice(0, 12)} can not be ended${why}`, {
    hint: 'End them yourself, then reset again; nothing was deleted but containers.',
    details: { id },
  })
}
