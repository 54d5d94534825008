import type { AbortOptions } from '@podwright/conventions'
import { type Digest, formatReference, OciError, type Reference } from '@podwright/oci'
import { type Endpoint, endpointsOf } from './endpoints.ts'
import { DistributionError } from './errors.ts'
import { subjectOfManifest } from './internal/registry/referrers-tag.ts'
import type { RegistriesConfig } from './registries-config.ts'
import type { RegistryClient } from './registry-client.ts'
import type { RegistryTransportComponents } from './registry-source.ts'

/** Options of `deleteImage`. */
export interface DeleteImageOptions extends AbortOptions {
  /** Blocks and rewritten locations; mirrors are left alone. @default none */
  readonly config?: RegistriesConfig | undefined
  /** Overrules the configuration's `insecure`. @default as configured, else the client's */
  readonly tlsVerify?: boolean | undefined
  /** Take the tag away and leave the manifest; few registries can. @default false */
  readonly tagOnly?: boolean | undefined
}

/** What was deleted. */
export interface DeletedImage {
  /** The manifest, all of whose tags went with it; undefined when only the tag did. */
  readonly digest: Digest | undefined
}

/**
 * Deletes the manifest or index that a reference leads to, and with it every tag that it has in this repository, as `skopeo delete` does. Blobs, and
 * manifests that an index listed, are left to the registry's garbage collection.
 *
 * @throws DistributionError `ERR_REGISTRY_NOT_FOUND`, `ERR_REGISTRY_UNSUPPORTED`, `ERR_REGISTRY_BLOCKED`; what a client throws
 */
export async function deleteImage(
  { client }: RegistryTransportComponents,
  reference: Reference,
  options: DeleteImageOptions = {},
): Promise<DeletedImage> {
  const [endpoint] = endpointsOf(reference, options.config, { purpose: 'push', tlsVerify: options.tlsVerify }) as [Endpoint]
  const { signal } = options
  const named = reference.tag ?? 'latest'
  if (options.tagOnly === true) {
    if (reference.digest !== undefined) throw new TypeError('deleteImage: tagOnly contradicts a reference with a digest')
    await client.deleteManifest(endpoint, named, { signal })
    return { digest: undefined }
  }
  const { digest, subject } = await look(client, endpoint, reference.digest ?? named, reference, options)
  await client.deleteManifest(endpoint, digest, { signal, subject })
  return { digest }
}

async function look(
  client: RegistryClient,
  endpoint: Endpoint,
  named: string,
  reference: Reference,
  { signal }: AbortOptions,
): Promise<{ readonly digest: Digest; readonly subject?: Digest | undefined }> {
  try {
    const record = await client.getManifest(endpoint, named, { signal })
    return { digest: record.descriptor.digest, subject: subjectOfManifest(record)?.digest }
  } catch (error) {
    // What can't be read, such as an image of schema 1, can be deleted all the same.
    if (!(error instanceof OciError)) throw error
    const head = await client.headManifest(endpoint, named, { signal })
    if (head !== undefined) return { digest: head.digest }
    throw unnamed(reference, error)
  }
}

function unnamed(reference: Reference, cause: unknown): DistributionError {
  return new DistributionError(
    'ERR_REGISTRY_PROTOCOL',
    `cannot delete ${formatReference(reference)}: the registry does not tell its digest`,
    {
      cause,
      hint: 'Name it by its digest: REGISTRY/NAME@sha256:…',
    },
  )
}
