import type { EndpointAccess } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { EngineParts } from '../parts.ts'
import { registryOf } from './registry-of.ts'
import { openTransports } from './transports.ts'

/** Takes an image away from where it is. */
export async function deleteAt(parts: EngineParts, name: string, options: EndpointAccess & AbortOptions): Promise<void> {
  await using places = await openTransports(parts, registryOf(name), options)
  await places.transports.delete(name, { signal: options.signal })
}
