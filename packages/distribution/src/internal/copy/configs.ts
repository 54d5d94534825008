import type { ImageSource, OpenBlob } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  isImageConfigMediaType,
  loadDigestAlgorithm,
  parseImageConfig,
  type Platform,
} from '@podwright/oci'
import { DistributionError } from '../../errors.ts'
import { verifiedChunks } from '../verified-chunks.ts'

/** What an image's config is read into memory up to; that of a real one has some kilobytes. */
const configMaximumBytes = 4 * 1024 * 1024

/** A config, held in memory, and what it says of the platform. */
export interface FetchedConfig {
  readonly open: OpenBlob
  /** Undefined for what is no image, or doesn't say. */
  readonly platform: Platform | undefined
  /** Of the layers as they unpack, lowest first. */
  readonly diffIds: readonly Digest[]
}

/** Reads a config, verified. @returns undefined for what isn't an image's config: that is copied like a layer */
export async function fetchConfig(
  source: ImageSource,
  descriptor: Descriptor,
  open: OpenBlob,
  options: AbortOptions,
): Promise<FetchedConfig | undefined> {
  if (!isImageConfigMediaType(descriptor.mediaType)) return undefined
  const bytes = await readSmallBlob(
    { reference: source.reference, openBlob: (_, { offset = 0, signal } = {}) => open(offset, { signal }) },
    descriptor,
    options,
  )
  const { os, architecture, variant, rootfs } = parseImageConfig(bytes)
  const platform = os === '' || architecture === '' ? undefined : { os, architecture, ...(variant !== undefined && { variant }) }
  return { open: async (offset) => ({ offset, chunks: once(bytes.subarray(offset)) }), platform, diffIds: rootfs.diff_ids }
}

/**
 * Reads a blob into memory, verified.
 *
 * @throws DistributionError `ERR_BLOB_SIZE_MISMATCH` also for one that is larger than a config can be
 */
export async function readSmallBlob(
  source: Pick<ImageSource, 'reference' | 'openBlob'>,
  descriptor: Descriptor,
  options: AbortOptions,
): Promise<Uint8Array> {
  const operation = `read the config of ${source.reference}`
  if (descriptor.size > configMaximumBytes) {
    throw new DistributionError('ERR_BLOB_SIZE_MISMATCH', `cannot ${operation}: ${descriptor.size} bytes are more than a config can have`)
  }
  await loadDigestAlgorithm(digestAlgorithm(descriptor.digest))
  const open: OpenBlob = (offset, { signal } = {}) => source.openBlob(descriptor, { offset, signal })
  const chunks: Uint8Array[] = []
  for await (const chunk of verifiedChunks(descriptor, open, operation, options)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
