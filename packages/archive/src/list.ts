import type { AbortOptions } from '@podwright/conventions'
import type { Compression } from './compression.ts'
import type { ByteSource, TarEntry } from './entry.ts'
import type { Whiteout } from './whiteouts.ts'

/** Options of `listLayer`. */
export interface ListLayerOptions extends AbortOptions {
  /** @default 'auto': by its first bytes */
  readonly compression?: Compression | 'auto' | undefined
}

/** An entry of a layer. */
export interface LayerEntry extends TarEntry {
  /** The cleaned path below the root, without a slash at either end; empty for the root itself; undefined when it leads out of the root. */
  readonly path: Uint8Array | undefined
  /** What its name takes away from the layers below. */
  readonly whiteout: Whiteout | undefined
}

export function listLayer(_input: ByteSource, _options: ListLayerOptions = {}): AsyncIterable<LayerEntry> {
  throw new Error('not yet')
}
