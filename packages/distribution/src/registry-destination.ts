import type { ImageDestination, ManifestRecord } from '@podwright/contracts'
import { emitProgress } from '@podwright/conventions'
import { type Descriptor, formatReference, isForeignLayerMediaType, type Reference } from '@podwright/oci'
import { type Endpoint, endpointsOf } from './endpoints.ts'
import { DistributionError } from './errors.ts'
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

/**
 * Writes an image to a registry, under the reference's tag, or its digest alone. What is sent before a failure stays there, under no name, until the
 * registry collects its garbage. Disposal leaves the client open.
 *
 * @throws DistributionError `ERR_REGISTRY_BLOCKED`
 */
export function createRegistryDestination(
  { client }: RegistryTransportComponents,
  reference: Reference,
  options: RegistryDestinationOptions = {},
): ImageDestination {
  const [endpoint] = endpointsOf(reference, options.config, { purpose: 'push', tlsVerify: options.tlsVerify }) as [Endpoint]
  const tag = reference.tag ?? (reference.digest === undefined ? 'latest' : undefined)
  const manifests = new Map<string, ManifestRecord>()
  return {
    reference: `docker://${formatReference(reference)}`,
    // Registries refuse an index whose manifests they don't have.
    sparseIndex: false,
    begin: async () => {},
    hasBlob: async (descriptor, { signal } = {}) => isElsewhere(descriptor) || client.hasBlob(endpoint, descriptor.digest, { signal }),
    putBlob: async (descriptor, open, request = {}) => {
      await client.putBlob(endpoint, descriptor, open, { ...request, mountFrom: options.mountFrom })
      emitProgress(request.onProgress, { type: 'blob:complete', descriptor })
    },
    putManifest: async (manifest, { signal } = {}) => {
      manifests.set(manifest.descriptor.digest, manifest)
      await client.putManifest(endpoint, manifest.descriptor.digest, manifest, { signal })
    },
    commit: async (top, { signal } = {}) => {
      const manifest = manifests.get(top.digest)
      if (manifest === undefined || (reference.digest !== undefined && reference.digest !== top.digest)) throw wrongTop(reference, top)
      if (tag !== undefined) await client.putManifest(endpoint, tag, manifest, { signal })
    },
    [Symbol.asyncDispose]: async () => manifests.clear(),
  }
}

/** A layer that may not be handed on lies at its URLs, for everybody. */
function isElsewhere({ mediaType, urls = [] }: Descriptor): boolean {
  return isForeignLayerMediaType(mediaType) && urls.length > 0
}

function wrongTop(reference: Reference, top: Descriptor): DistributionError {
  return new DistributionError(
    'ERR_MANIFEST_DIGEST_MISMATCH',
    `cannot write ${formatReference(reference)}: the image to name so is ${top.digest}`,
    {
      details: { expected: reference.digest, found: top.digest },
    },
  )
}
