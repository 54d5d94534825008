import type { AbortOptions } from '@podwright/conventions'
import { type Compression, detectBytes, detectCompression } from './compression.ts'
import type { ByteSource } from './entry.ts'
import { abortable } from './internal/abortable.ts'
import { gunzip } from './internal/gunzip.ts'
import { unzstd } from './internal/unzstd.ts'

/** Options of `decompress`. */
export interface DecompressOptions extends AbortOptions {
  /** Size of the pieces that come out, at most, in bytes; small frames of zstd come out whole. @default 262144 */
  readonly chunkSizeBytes?: number | undefined
  /**
   * Pieces are good only until the next one is asked for: their memory is given back at once instead of at the next garbage collection,
   * which takes about 50 MB off the peak.
   *
   * @default false
   */
  readonly transient?: boolean | undefined
}

/**
 * Decompresses a layer: gzip with all its members, zstd with all its frames (skippable ones are passed over), or nothing. The work is done on
 * Node's thread pool. All of the input is read; what follows the compressed data must be zeros for gzip, and nothing for zstd.
 *
 * @throws ERR_ARCHIVE_COMPRESSION, ERR_ARCHIVE_COMPRESSION_UNAVAILABLE, what the input throws, and `signal.reason`.
 */
export async function* decompress(
  input: ByteSource,
  compression: Compression | 'auto' = 'auto',
  options: DecompressOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunkSizeBytes = options.chunkSizeBytes ?? 1 << 18
  const source = abortable(input, options.signal)
  const [kind, bytes] = compression === 'auto' ? await detect(source) : ([compression, source] as const)
  if (kind === 'none') return yield* bytes
  const pieces = kind === 'gzip' ? gunzip(bytes, chunkSizeBytes) : unzstd(bytes, chunkSizeBytes)
  if (!options.transient) return yield* pieces
  for await (const piece of pieces) {
    yield piece
    release(piece, chunkSizeBytes)
  }
}

/**
 * Frees the memory of a piece that reaches to the end of a decompressor's buffer, which is not written to again: zlib goes on in a new one.
 * Buffers of another size are not a decompressor's.
 */
function release({ buffer, byteOffset, byteLength }: Uint8Array, chunkSizeBytes: number): void {
  const isLastOfBuffer =
    buffer.byteLength > Buffer.poolSize && buffer.byteLength === chunkSizeBytes && byteOffset + byteLength === buffer.byteLength
  if (isLastOfBuffer && buffer instanceof ArrayBuffer) buffer.transfer(0)
}

type Bytes = AsyncGenerator<Uint8Array, void, undefined>

async function detect(source: Bytes): Promise<readonly [Compression, Bytes]> {
  const seen: Uint8Array[] = []
  let length = 0
  while (length < detectBytes) {
    const next = await source.next()
    if (next.done) break
    seen.push(next.value)
    length += next.value.length
  }
  return [detectCompression(Buffer.concat(seen.slice(0, detectBytes))), prepend(seen, source)]
}

async function* prepend(seen: readonly Uint8Array[], source: Bytes): Bytes {
  try {
    yield* seen
    yield* source
  } finally {
    await source.return()
  }
}
