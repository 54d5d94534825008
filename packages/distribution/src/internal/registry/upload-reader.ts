import type { BlobProgress, OpenBlob } from '@podwright/contracts'
import { type AbortOptions, emitProgress, type ProgressOptions } from '@podwright/conventions'
import { createDigester, type Descriptor, digestAlgorithm } from '@podwright/oci'
import { DistributionError } from '../../errors.ts'

/** Options of `createUploadReader`. */
export interface UploadReaderOptions extends AbortOptions, ProgressOptions<BlobProgress> {}

/** A blob that is sent in parts, some of them again. */
export interface UploadReader {
  /** How far it was read and hashed. */
  readonly readBytes: number
  /**
   * The bytes from `start` up to `end`; one range at a time. Goes on where the last one ended without opening the source anew. The last bytes of the blob
   * are held back until its digest is known to be right.
   *
   * @param start at most `readBytes`
   */
  read(start: number, end: number): AsyncGenerator<Uint8Array>
  /** Lets go of the source. */
  close(): Promise<void>
}

/**
 * Reads a blob from its source so that it is hashed once, whatever is sent twice. The digest's algorithm must be loaded.
 *
 * @param operation for messages, "cannot …"
 * @throws DistributionError `ERR_BLOB_SIZE_MISMATCH`, `ERR_BLOB_DIGEST_MISMATCH`
 */
export function createUploadReader(descriptor: Descriptor, open: OpenBlob, operation: string, options: UploadReaderOptions): UploadReader {
  const { signal, onProgress } = options
  const digester = createDigester(digestAlgorithm(descriptor.digest))
  let hashedBytes = 0
  let verified = false
  let source: AsyncIterator<Uint8Array> | undefined
  /** Where `rest`, and after it `source`, begins. */
  let position = 0
  let rest: Uint8Array | undefined
  /** Whether a chunk is on its way; who was waiting for it when the request broke may be gone. */
  let isWaiting = false
  let reads = 0

  const openAt = async (start: number): Promise<void> => {
    await close()
    const stream = await open(start, { signal })
    source = stream.chunks[Symbol.asyncIterator]()
    position = stream.offset
    if (hashedBytes === 0) emitProgress(onProgress, { type: 'blob:start', descriptor, offsetBytes: 0 })
  }
  const next = async (): Promise<Uint8Array | undefined> => {
    const held = rest
    rest = undefined
    if (held !== undefined) return held
    isWaiting = true
    const from = source
    const result = await from?.next()
    if (from === source) isWaiting = false
    return result === undefined || result.done === true ? undefined : result.value
  }
  const hash = (chunk: Uint8Array): void => {
    const fresh = position + chunk.byteLength - hashedBytes
    if (fresh <= 0) return
    const part = fresh < chunk.byteLength ? chunk.subarray(chunk.byteLength - fresh) : chunk
    digester.update(part)
    hashedBytes += part.byteLength
  }
  const verify = (): void => {
    if (hashedBytes !== descriptor.size) throw sizeMismatch(operation, descriptor, hashedBytes)
    if (!verified) requireDigest(operation, descriptor, digester.digest())
    verified = true
  }
  async function* read(start: number, end: number): AsyncGenerator<Uint8Array> {
    const mine = ++reads
    if (source === undefined || position !== start || isWaiting) await openAt(start)
    let held: Uint8Array | undefined
    while (position < end || end === descriptor.size) {
      const chunk = await next()
      if (mine !== reads) return
      if (chunk === undefined) break
      signal?.throwIfAborted()
      hash(chunk)
      if (position + chunk.byteLength > descriptor.size) throw sizeMismatch(operation, descriptor, position + chunk.byteLength)
      const from = Math.max(0, start - position)
      const to = Math.min(chunk.byteLength, end - position)
      if (to < chunk.byteLength) rest = chunk.subarray(to)
      position += to
      if (to <= from) continue
      if (held !== undefined) yield held
      held = chunk.subarray(from, to)
      emitProgress(onProgress, { type: 'blob:progress', descriptor, completeBytes: position })
    }
    if (position < end) throw sizeMismatch(operation, descriptor, position)
    if (end === descriptor.size) verify()
    if (held !== undefined) yield held
  }
  const close = async (): Promise<void> => {
    const left = source
    source = undefined
    rest = undefined
    const ended = left?.return?.()
    // A source that is silent ends when it has been silent for too long; nobody need wait for that.
    if (isWaiting) ended?.catch(() => {})
    else await ended
    isWaiting = false
  }
  return {
    get readBytes() {
      return hashedBytes
    },
    read,
    close,
  }
}

function requireDigest(operation: string, { digest }: Descriptor, found: string): void {
  if (found === digest) return
  throw new DistributionError('ERR_BLOB_DIGEST_MISMATCH', `cannot ${operation}: its bytes have the digest ${found}, not ${digest}`, {
    details: { expected: digest, found },
  })
}

function sizeMismatch(operation: string, { digest, size }: Descriptor, foundBytes: number): DistributionError {
  return new DistributionError('ERR_BLOB_SIZE_MISMATCH', `cannot ${operation}: it should have ${size} bytes, ${foundBytes} came`, {
    details: { digest, expectedBytes: size, foundBytes },
  })
}
