import type { BlobProgress, BlobStream, OpenBlob, PutBlobOptions } from '@podwright/contracts'
import { emitProgress } from '@podwright/conventions'
import { createDigester, type Descriptor, type Digest, digestAlgorithm } from '@podwright/oci'
import type { FileHandle } from 'node:fs/promises'
import { DistributionError } from '../../errors.ts'
import { readRange } from './read-range.ts'
import { writeAll } from './spool.ts'
import { writing } from './write-failure.ts'

/** A blob to be taken in. */
export interface ReceivedBlob {
  readonly descriptor: Descriptor
  readonly open: OpenBlob
  /** For messages, "cannot …". */
  readonly operation: string
  /** Of the file, for messages. */
  readonly place: string
}

/**
 * Writes a blob to a file and verifies it. What the file has is taken for the blob's beginning, hashed, and continued. A failure of the source leaves the file
 * as it is, to be continued; wrong bytes leave it empty.
 *
 * @throws DistributionError `ERR_BLOB_SIZE_MISMATCH`, `ERR_BLOB_DIGEST_MISMATCH`, `ERR_DISK_FULL`, `ERR_WRITE_FAILED`
 */
export async function receiveBlob(file: FileHandle, blob: ReceivedBlob, options: PutBlobOptions): Promise<void> {
  const { size } = await file.stat()
  const begun = size <= blob.descriptor.size ? size : 0
  const { descriptor, operation } = blob
  let found = await attempt(file, blob, begun, options)
  // A beginning from before may have been damaged by whatever ended that copy.
  if (found !== descriptor.digest && begun > 0) found = await attempt(file, blob, 0, options)
  if (found === descriptor.digest) return
  await file.truncate(0)
  throw new DistributionError(
    'ERR_BLOB_DIGEST_MISMATCH',
    `cannot ${operation}: its bytes have the digest ${found}, not ${descriptor.digest}`,
    {
      details: { expected: descriptor.digest, found },
    },
  )
}

/** @returns the digest that it has */
async function attempt(file: FileHandle, blob: ReceivedBlob, begun: number, { signal, onProgress }: PutBlobOptions): Promise<Digest> {
  const { descriptor, open, place } = blob
  const digester = createDigester(digestAlgorithm(descriptor.digest))
  await file.truncate(begun)
  for await (const chunk of readRange(file, 0, begun, { signal, transient: true })) digester.update(chunk)
  let position = begun
  if (begun < descriptor.size || begun === 0) {
    const stream = await open(begun, { signal, transient: true })
    emitProgress<BlobProgress>(onProgress, { type: 'blob:start', descriptor, offsetBytes: stream.offset })
    for await (const chunk of behind(stream, position)) {
      signal?.throwIfAborted()
      if (position + chunk.byteLength > descriptor.size) {
        await file.truncate(0)
        throw sizeMismatch(blob, position + chunk.byteLength)
      }
      digester.update(chunk)
      await writing(place, () => writeAll(file, chunk, position))
      position += chunk.byteLength
      emitProgress<BlobProgress>(onProgress, { type: 'blob:progress', descriptor, completeBytes: position })
    }
  }
  if (position < descriptor.size) throw sizeMismatch(blob, position)
  return digester.digest()
}

/** A stream's bytes from a position on: a source that can't begin there begins earlier. */
async function* behind({ offset, chunks }: BlobStream, position: number): AsyncGenerator<Uint8Array> {
  let toSkip = position - offset
  for await (const chunk of chunks) {
    const skipped = Math.min(toSkip, chunk.byteLength)
    toSkip -= skipped
    if (skipped < chunk.byteLength) yield skipped === 0 ? chunk : chunk.subarray(skipped)
  }
}

function sizeMismatch({ descriptor, operation }: ReceivedBlob, foundBytes: number): DistributionError {
  return new DistributionError(
    'ERR_BLOB_SIZE_MISMATCH',
    `cannot ${operation}: it should have ${descriptor.size} bytes, ${foundBytes} came`,
    {
      details: { digest: descriptor.digest, expectedBytes: descriptor.size, foundBytes },
    },
  )
}
