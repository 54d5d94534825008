import type { AbortOptions } from '@podwright/conventions'
import type { Compression } from './compression.ts'
import { decompress } from './decompress.ts'
import type { ByteSource, TarEntry } from './entry.ts'
import { fromLatin1 } from './internal/bytes.ts'
import { baseName, cleanPath } from './internal/clean-path.ts'
import { createTarParser } from './parser.ts'
import { parseWhiteout, type Whiteout } from './whiteouts.ts'

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

/**
 * Lists a layer, compressed or not, without writing anything. Contents are passed over.
 *
 * @throws ERR_ARCHIVE_MALFORMED, ERR_ARCHIVE_TRUNCATED, ERR_ARCHIVE_COMPRESSION, what the input throws, and `signal.reason`.
 */
export async function* listLayer(input: ByteSource, options: ListLayerOptions = {}): AsyncGenerator<LayerEntry, void, undefined> {
  const entries: LayerEntry[] = []
  const parser = createTarParser({
    entry: (entry) => entries.push(layerEntry(entry)),
    data: () => {},
    end: () => {},
  })
  for await (const chunk of decompress(input, options.compression ?? 'auto', { signal: options.signal, transient: true })) {
    parser.write(chunk)
    yield* entries
    entries.length = 0
  }
  parser.close()
}

function layerEntry(entry: TarEntry): LayerEntry {
  const path = cleanPath(entry.name)
  if (path === undefined) return { ...entry, path, whiteout: undefined }
  return { ...entry, path: fromLatin1(path), whiteout: parseWhiteout(fromLatin1(baseName(path))) }
}
