import type { ImageTransport } from '@podwright/contracts'
import { directoryTransport, dockerArchiveTransport, layoutTransport, ociArchiveTransport } from './internal/transports/file-transports.ts'
import { registryTransport } from './internal/transports/registry-transport.ts'
import type { RegistriesConfig } from './registries-config.ts'
import type { RegistryTransportComponents } from './registry-source.ts'

/** Options of `createBuiltInTransports`. */
export interface BuiltInTransportsOptions {
  /** Mirrors, blocks, rewritten locations. @default none */
  readonly config?: RegistriesConfig | undefined
  /** Overrules the configuration's `insecure`. @default as configured, else the client's */
  readonly tlsVerify?: boolean | undefined
  /** Where archives that are compressed or sent somewhere are kept meanwhile. @default TMPDIR, else /var/tmp, else the system's */
  readonly temporaryDirectory?: string | undefined
}

/** `docker:`, `oci:`, `oci-archive:`, `docker-archive:` and `dir:`, for `createTransports`. The client stays open. */
export function createBuiltInTransports(components: RegistryTransportComponents, options: BuiltInTransportsOptions = {}): ImageTransport[] {
  return [
    registryTransport(components, options),
    layoutTransport(),
    ociArchiveTransport(options),
    dockerArchiveTransport(options),
    directoryTransport(),
  ]
}
