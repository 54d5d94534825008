import * as zlib from 'node:zlib'
import { ArchiveError } from '../errors.ts'
import { compressionError, streamOptions } from './zlib-stream.ts'
import { ZstdFrames } from './zstd-frames.ts'

/**
 * Decompresses zstd, frame after frame. Small frames, of which zstd:chunked has one for each file, are decompressed at once: that takes less
 * time than handing them to the thread pool. Larger ones go through a stream, whose writes end where frames do.
 */
export async function* unzstd(input: AsyncIterable<Uint8Array>, chunkSizeBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  requireZstd()
  const frames = new ZstdFrames()
  const stream = new FrameStream(chunkSizeBytes)
  try {
    for await (const chunk of input) {
      for (const piece of frames.write(chunk)) {
        if (piece.type === 'part') yield* stream.write(piece.bytes)
        else {
          yield* stream.flush()
          yield decompressFrame(piece.bytes)
        }
      }
    }
    frames.close()
    yield* stream.flush()
  } finally {
    stream.destroy()
  }
}

/** Node has zstd since 22.15. @throws ERR_ARCHIVE_COMPRESSION_UNAVAILABLE */
export function requireZstd(): void {
  if (typeof zlib.createZstdDecompress === 'function') return
  throw new ArchiveError('ERR_ARCHIVE_COMPRESSION_UNAVAILABLE', `use zstd: Node ${process.versions.node} does not have it`, {
    hint: 'Node 22.15 and later have it.',
  })
}

function decompressFrame(frame: Uint8Array): Uint8Array {
  try {
    return zlib.zstdDecompressSync(frame)
  } catch (error) {
    throw compressionError('zstd', error)
  }
}

/** A decompressor that is written to and read from by turns. */
class FrameStream {
  readonly #chunkSizeBytes: number
  #stream: zlib.ZstdDecompress | undefined
  #unfinished = 0
  #failure: unknown
  #wake: () => void = () => {}

  constructor(chunkSizeBytes: number) {
    this.#chunkSizeBytes = chunkSizeBytes
  }

  *#ready(): Generator<Uint8Array, void, undefined> {
    for (let chunk = this.#read(); chunk; chunk = this.#read()) yield chunk
  }

  #read(): Uint8Array | undefined {
    return (this.#stream?.read() as Uint8Array | null | undefined) ?? undefined
  }

  /** Hands bytes over, and yields what is ready; waits only while too much is under way. */
  async *write(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    const stream = (this.#stream ??= this.#open())
    this.#unfinished++
    stream.write(bytes, () => {
      this.#unfinished--
      this.#wake()
    })
    yield* this.#until(() => !stream.writableNeedDrain)
  }

  /** Yields everything up to the last byte that was written. */
  async *flush(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#until(() => this.#unfinished === 0)
  }

  destroy(): void {
    this.#stream?.destroy()
  }

  async *#until(isEnough: () => boolean): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      yield* this.#ready()
      if (this.#failure) throw compressionError('zstd', this.#failure)
      if (isEnough()) break
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    yield* this.#ready()
  }

  #open(): zlib.ZstdDecompress {
    const stream = zlib.createZstdDecompress(streamOptions(this.#chunkSizeBytes))
    stream.on('readable', () => this.#wake())
    stream.on('error', (error) => {
      this.#failure = error
      this.#wake()
    })
    return stream
  }
}
