import { createGunzip, type Gunzip } from 'node:zlib'
import { ArchiveError } from '../errors.ts'
import { compressionError, feed, streamOptions } from './zlib-stream.ts'

/**
 * Decompresses gzip, member after member (RFC 1952). Node stops at a zero byte behind a member and says nothing of what follows, so that is
 * looked at here.
 */
export async function* gunzip(input: AsyncIterable<Uint8Array>, chunkSizeBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = createGunzip(streamOptions(chunkSizeBytes))
  const tail = new Tail()
  const fed = feed(tail.watch(input, stream), stream)
  try {
    yield* stream
    await fed.done
    tail.check(stream.bytesWritten)
  } catch (error) {
    throw compressionError('gzip', error)
  } finally {
    fed.stop()
  }
}

/** What was fed and is not taken yet. */
class Tail {
  #pending: Uint8Array[] = []
  /** Bytes fed before the first pending chunk. */
  #before = 0

  async *watch(input: AsyncIterable<Uint8Array>, stream: Gunzip): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of input) {
      this.#pending.push(chunk)
      yield chunk
      this.#drop(stream.bytesWritten)
      // From here on nothing is taken any more, and nothing needs to be kept.
      if (stream.readableEnded) this.check(stream.bytesWritten)
    }
  }

  #drop(consumed: number): void {
    while (this.#pending[0] && this.#before + this.#pending[0].length <= consumed) this.#before += this.#pending.shift()!.length
    const first = this.#pending[0]
    if (first && consumed > this.#before) {
      this.#pending[0] = first.subarray(consumed - this.#before)
      this.#before = consumed
    }
  }

  /** Whether what is left is padding: zeros, which are common and harmless. */
  check(consumed: number): void {
    this.#drop(consumed)
    if (this.#pending.some((chunk) => chunk.some((byte) => byte !== 0))) {
      throw new ArchiveError('ERR_ARCHIVE_COMPRESSION', 'decompress gzip: something else follows the compressed data')
    }
    this.#pending = []
  }
}
