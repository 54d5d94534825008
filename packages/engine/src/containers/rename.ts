import type { AbortOptions } from '@podwright/conventions'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { checkName } from './check-name.ts'
import { lockState } from './state-lock.ts'

/** Gives a container another name, in whatever state it is. What runs in it sees the old one in /etc/hosts until its next start. */
export async function renameContainer(parts: EngineParts, id: string, name: string, options: AbortOptions): Promise<void> {
  checkName(name)
  await using _lock = await lockState(parts, id, options)
  const store = await parts.store()
  const record = store.require(id)
  if (record.status === 'removing') {
    throw new EngineError('ERR_CONTAINER_NOT_FOUND', `cannot rename ${record.name}: it is being removed`, { details: { id } })
  }
  await store.rename(id, name, parts.clock.now())
}
