import type { AbortOptions } from '@podwright/conventions'
import * as zlib from 'node:zlib'
import type { Compression } from './compression.ts'
import type { ByteSource } from './entry.ts'
import { abortable } from './internal/abortable.ts'
import { PieceBuffer } from './internal/piece-buffer.ts'
import { requireZstd } from './internal/unzstd.ts'
import { compressionError, feed, streamOptions } from './internal/zlib-stream.ts'

/** Options of `compress`. */
export interface CompressOptions extends AbortOptions {
  /** gzip: 1 to 9; zstd: 1 to 22. @default 6 for gzip, 3 for zstd */
  readonly level?: number | undefined
}

const chunkSize = 1 << 18

/**
 * Compresses on Node's thread pool. The same bytes give the same result with the same version of Node: no time and no name is written.
 *
 * @throws ERR_ARCHIVE_COMPRESSION_UNAVAILABLE, what the input throws, and `signal.reason`.
 */
export async function* compress(
  input: ByteSource,
  compression: Compression,
  options: CompressOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = abortable(input, options.signal)
  if (compression === 'none') return yield* bytes
  const stream = compression === 'gzip' ? gzip(options.level) : zstd(options.level)
  const fed = feed(compression === 'zstd' ? regroup(bytes) : bytes, stream)
  try {
    yield* stream
    await fed.done
  } catch (error) {
    throw compressionError(compression, error)
  } finally {
    fed.stop()
  }
}

/** What zstd makes depends on how its input is cut; so it always is cut in the same way. */
async function* regroup(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = new PieceBuffer()
  for await (const chunk of bytes) yield* pieces.add(chunk)
  yield* pieces.flush()
}

function gzip(level: number | undefined): zlib.Gzip {
  return zlib.createGzip({ ...streamOptions(chunkSize), level: level ?? 6 })
}

function zstd(level: number | undefined): zlib.ZstdCompress {
  requireZstd()
  const params = { [zlib.constants.ZSTD_c_compressionLevel]: level ?? 3, [zlib.constants.ZSTD_c_checksumFlag]: 1 }
  return zlib.createZstdCompress({ ...streamOptions(chunkSize), params })
}
