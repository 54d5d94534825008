import type { BlobProgress, OpenBlob, ReadBlobOptions } from '@podwright/contracts'
import { emitProgress, type ProgressOptions } from '@podwright/conventions'
import { createDigester, type Descriptor, digestAlgorithm } from '@podwright/oci'
import { DistributionError } from '../errors.ts'

/** Options of `verifiedChunks`. */
export interface VerifiedChunksOptions extends ReadBlobOptions, ProgressOptions<BlobProgress> {}

/**
 * A blob from its beginning, verified on the way: the last chunk is held back until the digest is known to be right, so that who counts bytes never
 * gets a whole wrong blob. The algorithm must be loaded.
 *
 * @param operation for messages, "cannot …"
 * @throws DistributionError `ERR_BLOB_SIZE_MISMATCH`, `ERR_BLOB_DIGEST_MISMATCH`
 */
export async function* verifiedChunks(
  descriptor: Descriptor,
  open: OpenBlob,
  operation: string,
  { signal, transient, onProgress }: VerifiedChunksOptions,
): AsyncGenerator<Uint8Array> {
  const digester = createDigester(digestAlgorithm(descriptor.digest))
  const { chunks } = await open(0, { signal, transient })
  emitProgress(onProgress, { type: 'blob:start', descriptor, offsetBytes: 0 })
  let completeBytes = 0
  let held: Uint8Array | undefined
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    if (held !== undefined) yield held
    completeBytes += chunk.byteLength
    if (completeBytes > descriptor.size) throw sizeMismatch(operation, descriptor, completeBytes)
    digester.update(chunk)
    held = chunk
    emitProgress(onProgress, { type: 'blob:progress', descriptor, completeBytes })
  }
  if (completeBytes !== descriptor.size) throw sizeMismatch(operation, descriptor, completeBytes)
  const found = digester.digest()
  if (found !== descriptor.digest) {
    throw new DistributionError(
      'ERR_BLOB_DIGEST_MISMATCH',
      `cannot ${operation}: its bytes have the digest ${found}, not ${descriptor.digest}`,
      {
        details: { expected: descriptor.digest, found },
      },
    )
  }
  if (held !== undefined) yield held
}

function sizeMismatch(operation: string, descriptor: Descriptor, foundBytes: number): DistributionError {
  return new DistributionError(
    'ERR_BLOB_SIZE_MISMATCH',
    `cannot ${operation}: it should have ${descriptor.size} bytes, ${foundBytes} came`,
    {
      details: { digest: descriptor.digest, expectedBytes: descriptor.size, foundBytes },
    },
  )
}
