import type { Compression } from '../../compression.ts'
import { decompress } from '../../decompress.ts'
import type { TarEntry } from '../../entry.ts'
import { entryError } from '../extract/failure.ts'
import type { LayerReader } from '../../layer-reader.ts'
import { createTarParser } from '../../parser.ts'
import { type IndexOptions, LayerIndex } from './layer-index.ts'
import type { LayerDirectory } from './layer-node.ts'

/** What reading layers is limited to. */
export interface ReadIndexOptions extends IndexOptions {
  readonly compression: Compression | 'auto'
  readonly signal: AbortSignal | undefined
}

/** A number of entries that counts down over all layers. */
export class EntryBudget {
  readonly #max: number
  #used = 0

  constructor(max: number | undefined) {
    this.#max = max ?? Number.POSITIVE_INFINITY
  }

  /** @throws ERR_ARCHIVE_LIMIT */
  spend(entry: TarEntry): void {
    if (++this.#used > this.#max) throw entryError('ERR_ARCHIVE_LIMIT', entry, `the layers have more than ${this.#max} entries`)
  }
}

/** Reads a layer through, contents passed over. */
export async function readIndex(
  reader: LayerReader,
  layer: number,
  budget: EntryBudget,
  options: ReadIndexOptions,
): Promise<LayerDirectory> {
  const index = new LayerIndex(layer, options)
  const parser = createTarParser({
    entry: (entry) => {
      budget.spend(entry)
      index.add(entry)
    },
    data: () => {},
    end: () => {},
  })
  for await (const chunk of decompress(await reader(), options.compression, { signal: options.signal, transient: true }))
    parser.write(chunk)
  parser.close()
  return index.root
}
