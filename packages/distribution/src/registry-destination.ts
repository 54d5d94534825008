import type { ImageDestination } from '@podwright/contracts'
import type { Reference } from '@podwright/oci'
import type { RegistriesConfig } from './registries-config.ts'
import type { RegistryTransportComponents } from './registry-source.ts'

/** Options of `createRegistryDestination`. */
export interface RegistryDestinationOptions {
  /** Blocks and rewritten locations; mirrors are never written to. @default none */
  readonly config?: RegistriesConfig | undefined
  /** Overrules the configuration's `insecure`. @default as configured, else the client's */
  readonly tlsVerify?: boolean | undefined
  /** Repositories of the same registry that may have blobs already. @default none */
  readonly mountFrom?: readonly string[] | undefined
}

/** Writes an image to a registry, under the reference's tag, or its digest alone. */
export function createRegistryDestination(
  _components: RegistryTransportComponents,
  _reference: Reference,
  _options: RegistryDestinationOptions = {},
): ImageDestination {
  throw new Error('pending')
}
