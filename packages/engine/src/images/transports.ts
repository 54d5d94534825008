import type { EndpointAccess } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { createBuiltInTransports, createTransports, type ImageTransports } from '@podwright/distribution'
import type { EngineParts } from '../parts.ts'
import { openRegistryAccess } from '../registries/registry-access.ts'
import { storageTransport } from './storage-transport.ts'

/** Every place that an image can be, and what speaks with those that are registries. */
export interface OpenTransports extends AsyncDisposable {
  readonly transports: ImageTransports
}

/** @param registry the one that `access.credentials` are for */
export async function openTransports(parts: EngineParts, registry: string, access: EndpointAccess & AbortOptions): Promise<OpenTransports> {
  const { client, config, ...registries } = await openRegistryAccess(parts, registry, access)
  const builtIn = createBuiltInTransports({ client }, { config, tlsVerify: access.tlsVerify })
  const transports = createTransports([...builtIn, storageTransport(parts)])
  return {
    transports,
    [Symbol.asyncDispose]: () => registries[Symbol.asyncDispose](),
  }
}
