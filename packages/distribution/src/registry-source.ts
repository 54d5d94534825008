import type { ImageSource } from '@podwright/contracts'
import type { Reference } from '@podwright/oci'
import type { RegistriesConfig } from './registries-config.ts'
import type { RegistryClient } from './registry-client.ts'

/** What reads from and writes to registries. */
export interface RegistryTransportComponents {
  readonly client: RegistryClient
}

/** Options of `createRegistrySource`. */
export interface RegistrySourceOptions {
  /** Mirrors, blocks, rewritten locations. @default none */
  readonly config?: RegistriesConfig | undefined
  /** Overrules the configuration's `insecure`. @default as configured, else the client's */
  readonly tlsVerify?: boolean | undefined
}

/** Reads an image from a registry: from its mirrors first, where the configuration has some. Nothing is requested before the first call. */
export function createRegistrySource(
  _components: RegistryTransportComponents,
  _reference: Reference,
  _options: RegistrySourceOptions = {},
): ImageSource {
  throw new Error('pending')
}
