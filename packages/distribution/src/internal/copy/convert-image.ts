import { emitProgress, tearDown } from '@podwright/conventions'
import type { Descriptor, Digest } from '@podwright/oci'
import { DistributionError } from '../../errors.ts'
import type { FetchedConfig } from './configs.ts'
import type { Conversion, LayerConversion } from './conversion.ts'
import { type ConvertedLayer, convertLayer, openSpooled } from './convert-layer.ts'
import { copyBlob, defaults, type ImageWork, openerOf, uniqueBlobs } from './image-work.ts'
import { inParallel } from './parallel.ts'
import { rewriteManifest } from './rewrite-manifest.ts'

/**
 * Copies an image that becomes another on its way: layers first, since its manifest is known when they are.
 *
 * @returns the manifest that it has now
 */
export async function convertImage(work: ImageWork, conversion: Conversion, config: FetchedConfig): Promise<Descriptor> {
  const { destination, options, image } = work
  const { signal, onProgress } = options
  const spooled: ConvertedLayer[] = []
  try {
    const layers = await convertLayers(work, conversion, config, spooled)
    const record = rewriteManifest(image.record, conversion.format, layers)
    await destination.begin(record, { signal, onProgress })
    await copyBlob(work, image.manifest.config, config.open, { signal })
    const rest = uniqueBlobs(layers)
    await inParallel(rest, options.concurrency ?? defaults.concurrency, signal, async (layer, either) => {
      const spool = spooled.find(({ descriptor }) => descriptor.digest === layer.digest)?.spool
      await copyBlob(work, layer, spool === undefined ? openerOf(work, layer) : openSpooled(spool, layer.size), { signal: either })
    })
    await destination.putManifest(record, { signal })
    return record.descriptor
  } finally {
    await tearDown(
      spooled.map(
        ({ spool }) =>
          async () =>
            spool?.[Symbol.asyncDispose](),
      ),
    )
  }
}

/** The layers as they shall be, in order; those that change are made. */
async function convertLayers(
  work: ImageWork,
  { layers }: Conversion,
  config: FetchedConfig,
  spooled: ConvertedLayer[],
): Promise<Descriptor[]> {
  const { destination, options, converted } = work
  if (config.diffIds.length !== layers.length) {
    throw new DistributionError(
      'ERR_CONVERSION_UNSUPPORTED',
      `cannot convert ${work.source.reference}: its config has ${config.diffIds.length} layers, its manifest ${layers.length}`,
    )
  }
  const changing = new Map<Digest, { readonly change: LayerConversion; readonly diffId: Digest }>()
  for (const [position, change] of layers.entries()) {
    if (change.compression !== undefined) changing.set(change.layer.digest, { change, diffId: config.diffIds[position]! })
  }
  const concurrency = options.concurrency ?? defaults.concurrency
  await inParallel([...changing.values()], concurrency, options.signal, async ({ change, diffId }, signal) => {
    const { layer, mediaType, compression } = change
    if (converted.has(layer.digest)) return emitProgress(options.onProgress, { type: 'blob:exists', descriptor: layer })
    const open = openerOf(work, layer)
    const result = await convertLayer({ layer, diffId, mediaType, compression: compression!, open }, destination, { ...options, signal })
    converted.set(layer.digest, result.descriptor)
    if (result.spool === undefined) work.copied.add(result.descriptor.digest)
    else spooled.push(result)
  })
  return layers.map(({ layer, mediaType }) => converted.get(layer.digest) ?? { ...layer, mediaType })
}
