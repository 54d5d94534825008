import type { ImageDestination, OpenBlob } from '@podwright/contracts'
import { emitProgress, isPodwrightError } from '@podwright/conventions'
import { createDigester, type Descriptor, type Digest, digestAlgorithm, type LayerCompression, loadDigestAlgorithm } from '@podwright/oci'
import type { CopyOptions, CopyProgress } from '../../copy-image.ts'
import { readRange } from '../files/read-range.ts'
import { fillSpool, openSpool, type SpoolFile } from '../files/spool.ts'
import { verifiedChunks } from '../verified-chunks.ts'
import { diffIdMismatch } from './diff-id.ts'

/** A layer to compress anew. */
export interface LayerToConvert {
  readonly layer: Descriptor
  readonly diffId: Digest
  readonly mediaType: string
  readonly compression: LayerCompression
  readonly open: OpenBlob
}

/** A layer as it is now, and where its bytes are when the destination doesn't have them yet. */
export interface ConvertedLayer {
  readonly descriptor: Descriptor
  readonly spool?: SpoolFile | undefined
}

/**
 * Compresses a layer anew on its way to the destination, or into a temporary file where that takes known blobs only. Verified at both ends: the bytes that come by
 * their digest, what they unpack to by the config's.
 *
 * @throws DistributionError `ERR_DIFF_ID_MISMATCH`, `ERR_BLOB_DIGEST_MISMATCH`, `ERR_BLOB_SIZE_MISMATCH`; ArchiveError `ERR_ARCHIVE_COMPRESSION`
 */
export async function convertLayer(work: LayerToConvert, destination: ImageDestination, options: CopyOptions): Promise<ConvertedLayer> {
  await loadDigestAlgorithm(digestAlgorithm(work.layer.digest))
  const operation = `unpack the layer ${work.layer.digest}`
  try {
    if (destination.putStream === undefined)
      return await intoSpool(work, { ...options, onProgress: (event) => tellRepacking(options, event) })
    const result = await intoDestination(work, destination, options)
    emitProgress(options.onProgress, { type: 'blob:complete', descriptor: work.layer })
    return result
  } catch (error) {
    // The destination was told what to expect, so that the bytes are hashed once.
    if (!isPodwrightError(error, 'ERR_BLOB_DIGEST_MISMATCH') || error.details['expected'] !== work.diffId) throw error
    throw diffIdMismatch(operation, work.diffId, error.details['found'] as Digest)
  }
}

async function intoDestination(work: LayerToConvert, destination: ImageDestination, options: CopyOptions): Promise<ConvertedLayer> {
  const expected = work.compression === 'none' ? work.diffId : undefined
  const blob = await destination.putStream!(converted(work, options, expected === undefined), { expected, signal: options.signal })
  return { descriptor: describeConverted(work, blob) }
}

async function intoSpool(work: LayerToConvert, options: CopyOptions): Promise<ConvertedLayer> {
  const spool = await openSpool(options.temporaryDirectory)
  try {
    const digester = createDigester()
    const size = await fillSpool(
      spool,
      watch(converted(work, options, true), (chunk) => digester.update(chunk)),
    )
    emitProgress(options.onProgress, { type: 'blob:complete', descriptor: work.layer })
    return { descriptor: describeConverted(work, { digest: digester.digest(), size }), spool }
  } catch (error) {
    await spool[Symbol.asyncDispose]()
    throw error
  }
}

/** Reading a layer to pack it anew is not the same as handing it over, which comes later. */
function tellRepacking({ onProgress }: CopyOptions, event: CopyProgress): void {
  if (event.type === 'blob:progress') emitProgress(onProgress, { ...event, type: 'layer:repack' })
  else if (event.type === 'blob:complete') emitProgress(onProgress, { ...event, type: 'layer:repacked' })
  else emitProgress(onProgress, event)
}

/** Opens what `convertLayer` has kept. */
export function openSpooled({ file }: SpoolFile, size: number): OpenBlob {
  return async (offset, options = {}) => ({ offset, chunks: readRange(file, offset, size, options) })
}

async function* converted(
  work: LayerToConvert,
  { signal, onProgress, compressionLevel }: CopyOptions,
  checked: boolean,
): AsyncGenerator<Uint8Array> {
  const { compress, decompress } = await import('@podwright/archive')
  const packed = verifiedChunks(work.layer, work.open, `read the layer ${work.layer.digest}`, { signal, transient: true, onProgress })
  // Only what is written at once may be given back at once.
  const unpacked = decompress(packed, 'auto', { signal, transient: work.compression === 'none' })
  const bytes = checked ? checkDiffId(unpacked, work) : unpacked
  // Pieces that are given back may not be kept for a moment, as compressing does.
  yield* work.compression === 'none' ? bytes : compress(bytes, work.compression, { signal, level: compressionLevel })
}

async function* checkDiffId(chunks: AsyncIterable<Uint8Array>, { layer, diffId }: LayerToConvert): AsyncGenerator<Uint8Array> {
  const digester = createDigester(digestAlgorithm(diffId))
  yield* watch(chunks, (chunk) => digester.update(chunk))
  const found = digester.digest()
  if (found !== diffId) throw diffIdMismatch(`unpack the layer ${layer.digest}`, diffId, found)
}

async function* watch(chunks: AsyncIterable<Uint8Array>, see: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    see(chunk)
    yield chunk
  }
}

/** What says how the old bytes were packed goes. */
function describeConverted({ layer, mediaType }: LayerToConvert, { digest, size }: Pick<Descriptor, 'digest' | 'size'>): Descriptor {
  const annotations = Object.entries(layer.annotations ?? {}).filter(([key]) => !/zstd-chunked|estargz|stargz|tar-split/.test(key))
  return { mediaType, digest, size, ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }) }
}
