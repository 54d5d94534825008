import type { AbortOptions } from '@podwright/conventions'
import type { ByteSource, TarEntry } from './entry.ts'
import type { TarParserOptions } from './parser.ts'

/** Options of `readTar`. */
export interface ReadTarOptions extends AbortOptions, TarParserOptions {}

/** An entry with its content. */
export interface TarStreamEntry extends TarEntry {
  /** The file's bytes, holes as zeros. To be read before the next entry is asked for; what is not read is skipped. */
  readonly content: AsyncIterable<Uint8Array>
}

export function readTar(_input: ByteSource, _options: ReadTarOptions = {}): AsyncIterable<TarStreamEntry> {
  throw new Error('not yet')
}
