import type { EndpointAccess } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { EngineParts } from '../parts.ts'
import { registryOf } from './registry-of.ts'
import { openTransports } from './transports.ts'

/** What the images at a place are called. */
export async function* listAt(parts: EngineParts, name: string, options: EndpointAccess & AbortOptions): AsyncGenerator<string> {
  await using places = await openTransports(parts, registryOf(name), options)
  for await (const listed of places.transports.list(name, { signal: options.signal })) {
    if (listed.name !== undefined) yield listed.name
  }
}
