import type { ImageSource, OpenBlob } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import {
  type Descriptor,
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
}

/** Reads a config, verified. @returns undefined for what isn't an image's config: that is copied like a layer */
export async function fetchConfig(
  source: ImageSource,
  descriptor: Descriptor,
  open: OpenBlob,
  options: AbortOptions,
): Promise<FetchedConfig | undefined> {
  if (!isImageConfigMediaType(descriptor.mediaType)) return undefined
  const operation = `read the config of ${source.reference}`
  if (descriptor.size > configMaximumBytes) {
    throw new DistributionError('ERR_BLOB_SIZE_MISMATCH', `cannot ${operation}: ${descriptor.size} bytes are more than a config can have`)
  }
  await loadDigestAlgorithm(digestAlgorithm(descriptor.digest))
  const chunks: Uint8Array[] = []
  for await (const chunk of verifiedChunks(descriptor, open, operation, options)) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const { os, architecture, variant } = parseImageConfig(bytes)
  const platform = os === '' || architecture === '' ? undefined : { os, architecture, ...(variant !== undefined && { variant }) }
  return { open: async (offset) => ({ offset, chunks: once(bytes.subarray(offset)) }), platform }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
