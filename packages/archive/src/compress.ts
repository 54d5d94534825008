import type { AbortOptions } from '@podwright/conventions'
import type { Compression } from './compression.ts'
import type { ByteSource } from './entry.ts'

/** Options of `compress`. */
export interface CompressOptions extends AbortOptions {
  /** gzip: 1 to 9; zstd: 1 to 22. @default 6 for gzip, 3 for zstd */
  readonly level?: number | undefined
}

export function compress(_input: ByteSource, _compression: Compression, _options: CompressOptions = {}): AsyncIterable<Uint8Array> {
  throw new Error('not yet')
}
