import type { BlobStream, ImageSource, ManifestRecord } from '@podwright/contracts'
import { type AbortOptions, messageOf } from '@podwright/conventions'
import { type Digest, digestAlgorithm, digestOf, formatReference, loadDigestAlgorithm, parseManifest, type Reference } from '@podwright/oci'
import { type Endpoint, endpointsOf } from './endpoints.ts'
import { DistributionError } from './errors.ts'
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
  /**
   * What is here already of manifests and configs, so that they need not be fetched: a pull of what is all here is then one request. Held against the
   * digest before it is used. @default nothing
   */
  readonly local?: ((digest: Digest, options?: AbortOptions) => Promise<Uint8Array | undefined>) | undefined
}

/** Manifests and configs are no longer; what is, is not for memory. */
const localMaximumBytes = 4 * 1024 * 1024

/**
 * Reads an image from a registry: from its mirrors first, where the configuration has some. Nothing is requested before the first call; the top
 * manifest is asked for once. Disposal leaves the client open.
 *
 * @throws DistributionError `ERR_REGISTRY_BLOCKED`
 */
export function createRegistrySource(
  { client }: RegistryTransportComponents,
  reference: Reference,
  options: RegistrySourceOptions = {},
): ImageSource {
  const endpoints = endpointsOf(reference, options.config, { purpose: 'pull', tlsVerify: options.tlsVerify })
  const topReference = reference.digest ?? reference.tag ?? 'latest'
  let top: ManifestRecord | undefined
  /** The first that gave the top manifest: what belongs to it is there, too. */
  let chosen: Endpoint | undefined

  const fromFirst = async <T>(read: (endpoint: Endpoint) => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    const candidates = chosen === undefined ? endpoints : [chosen, ...endpoints.filter((other) => other !== chosen)]
    const failures: unknown[] = []
    for (const endpoint of candidates) {
      try {
        const result = await read(endpoint)
        chosen ??= endpoint
        return result
      } catch (error) {
        signal?.throwIfAborted()
        // Whatever a mirror fails with, the next may do better; all content is verified.
        failures.push(error)
      }
    }
    throw lastOf(failures)
  }

  return {
    reference: `docker://${formatReference(reference)}`,
    manifest: async (digest?: Digest, { signal } = {}): Promise<ManifestRecord> => {
      if (digest === undefined && top !== undefined) return top
      const here = digest === undefined ? undefined : await readLocal(options, digest, signal)
      if (here !== undefined && digest !== undefined) {
        return { descriptor: { mediaType: parseManifest(here).mediaType, digest, size: here.byteLength }, bytes: here }
      }
      const record = await fromFirst((endpoint) => client.getManifest(endpoint, digest ?? topReference, { signal }), signal)
      if (digest === undefined) top = record
      return record
    },
    openBlob: async (descriptor, request = {}): Promise<BlobStream> => {
      const isSmall = descriptor.size <= localMaximumBytes
      const here = isSmall ? await readLocal(options, descriptor.digest, request.signal) : undefined
      if (here !== undefined) return { offset: request.offset ?? 0, chunks: once(here.subarray(request.offset)) }
      return fromFirst((endpoint) => client.openBlob(endpoint, descriptor, request), request.signal)
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

/** The last endpoint is the location itself: what it says counts, and what was tried before is told as well. */
function lastOf(failures: readonly unknown[]): unknown {
  const last = failures.at(-1)
  if (failures.length === 1 || !(last instanceof DistributionError)) return last
  const { code, message, retryable, hint, details } = last
  const before = failures.slice(0, -1).map(messageOf).join('; ')
  return new DistributionError(code, `${message}. Tried before: ${before}`, {
    cause: new AggregateError(failures),
    retryable,
    details,
    ...(hint !== undefined && { hint }),
  })
}

/** What is here and is what it should be. */
async function readLocal(
  { local }: RegistrySourceOptions,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const bytes = await local?.(digest, { signal })
  if (bytes === undefined) return undefined
  const algorithm = digestAlgorithm(digest)
  await loadDigestAlgorithm(algorithm)
  return digestOf(bytes, algorithm) === digest ? bytes : undefined
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
