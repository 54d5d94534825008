import type { ByteSource } from './entry.ts'
import type { ExtractOptions, ExtractResult } from './extract-options.ts'
import { extractLayer } from './extract.ts'
import type { LayerReader } from './layer-reader.ts'

/** Options of `applyLayers`. Limits count for all layers together. */
export interface ApplyLayersOptions extends Omit<ExtractOptions, 'whiteouts' | 'overlayXattrs' | 'lowerDirectories'> {}

/**
 * Unpacks the layers of an image, the lowest first, into one tree, each with its whiteouts applied to what is there. A directory that a layer has
 * something in, but no entry of, keeps its attributes and its time.
 *
 * @returns what each layer did.
 * @throws what `extractLayer` throws.
 */
export async function applyLayers(
  layers: Iterable<ByteSource | LayerReader> | AsyncIterable<ByteSource | LayerReader>,
  directory: string | Uint8Array,
  options: ApplyLayersOptions = {},
): Promise<ExtractResult[]> {
  const results: ExtractResult[] = []
  for await (const layer of layers) {
    const input = typeof layer === 'function' ? await layer() : layer
    results.push(await extractLayer(input, directory, { ...options, ...limitsLeft(options, results), whiteouts: 'apply' }))
  }
  return results
}

function limitsLeft(options: ApplyLayersOptions, results: readonly ExtractResult[]): Pick<ExtractOptions, 'maxEntries' | 'maxSizeBytes'> {
  const left = (limit: number | undefined, used: 'entries' | 'sizeBytes'): number | undefined =>
    limit === undefined ? undefined : limit - results.reduce((sum, result) => sum + result[used], 0)
  return { maxEntries: left(options.maxEntries, 'entries'), maxSizeBytes: left(options.maxSizeBytes, 'sizeBytes') }
}
