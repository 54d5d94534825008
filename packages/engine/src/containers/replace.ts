import type { AbortOptions } from '@podwright/conventions'
import type { EngineParts } from '../parts.ts'
import { removeContainer } from './remove.ts'

/** Removes the container that has exactly this name, running or not, so that a new one may take it. Its volumes stay. None is no error. */
export async function makeRoomFor(parts: EngineParts, name: string, options: AbortOptions): Promise<void> {
  const id = (await parts.store()).findByName(name)?.id
  if (id !== undefined) await removeContainer(parts, id, { signal: options.signal, force: true })
}
