import type { AbortOptions } from '@podwright/conventions'
import type { Compression } from './compression.ts'
import type { ByteSource } from './entry.ts'

/** Options of `decompress`. */
export interface DecompressOptions extends AbortOptions {
  /** Size of the pieces that come out of gzip. @default 262144 */
  readonly chunkSizeBytes?: number | undefined
}

export function decompress(
  _input: ByteSource,
  _compression: Compression | 'auto' = 'auto',
  _options: DecompressOptions = {},
): AsyncIterable<Uint8Array> {
  throw new Error('not yet')
}
