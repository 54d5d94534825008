import type { BlobProgress, BlobStream, ImageSource, OpenBlob, ReadBlobOptions } from '@podwright/contracts'
import { type Clock, emitProgress, isPodwrightError, messageOf, type ProgressOptions } from '@podwright/conventions'
import type { Descriptor } from '@podwright/oci'
import { backoff } from '../http/retry.ts'

/** Options of `resumableBlob`. */
export interface ResumableBlobOptions extends ProgressOptions<BlobProgress> {
  /** Failures in a row without `progressBytes` in between. */
  readonly retries: number
  readonly backoffMs: number
  readonly clock: Clock
}

/** Bytes after which a blob counts as getting on, so that its failures are counted anew. */
const progressBytes = 1024 * 1024

/** Opens a blob so that whoever reads it sees one stream: where the source breaks off, it is opened again at that place. */
export function resumableBlob(source: ImageSource, descriptor: Descriptor, options: ResumableBlobOptions): OpenBlob {
  return async (offset, request = {}) => {
    // A source retries its own opening; what breaks later is continued here.
    const stream = await source.openBlob(descriptor, { offset, ...request })
    return { offset: stream.offset, chunks: continued(source, descriptor, stream, options, request) }
  }
}

async function* continued(
  source: ImageSource,
  descriptor: Descriptor,
  first: BlobStream,
  options: ResumableBlobOptions,
  request: ReadBlobOptions,
): AsyncGenerator<Uint8Array> {
  const { signal } = request
  let stream: BlobStream | undefined = first
  let position = first.offset
  let lastFailureAt = position
  for (let failures = 0; ;) {
    try {
      stream ??= await source.openBlob(descriptor, { ...request, offset: position })
      for await (const chunk of from(stream, position)) {
        position += chunk.byteLength
        yield chunk
      }
      return
    } catch (error) {
      signal?.throwIfAborted()
      if (position - lastFailureAt >= progressBytes) failures = 0
      if (failures >= options.retries || !isPodwrightError(error) || !error.retryable) throw error
      failures++
      lastFailureAt = position
      stream = undefined
      emitProgress(options.onProgress, { type: 'blob:retry', descriptor, attempt: failures, reason: messageOf(error) })
      await options.clock.sleep(backoff({ backoffMs: options.backoffMs, random: Math.random }, failures - 1), { signal })
    }
  }
}

/** A stream's bytes from a position on: a source that can't begin there begins earlier. */
async function* from(stream: BlobStream, position: number): AsyncGenerator<Uint8Array> {
  let toSkip = position - stream.offset
  for await (const chunk of stream.chunks) {
    if (toSkip >= chunk.byteLength) {
      toSkip -= chunk.byteLength
      continue
    }
    yield toSkip === 0 ? chunk : chunk.subarray(toSkip)
    toSkip = 0
  }
}
