import type { StoredHistoryStep, StoredImage, StoredLayerInfo } from '@podwright/contracts'
import type { Digest, HistoryEntry, ImageConfig } from '@podwright/oci'
import { imageNotFound, readAnyImage, readConfig } from './images.ts'
import { layerChain, type StoredLayer } from './layers.ts'
import { rows, type Store, text } from './store.ts'

/** Lowest first. */
export function imageLayers(store: Store, id: Digest): StoredLayerInfo[] {
  const image = readAnyImage(store, id)
  if (image === undefined) throw imageNotFound(id)
  return layerChain(store, image.layers.at(-1)).toReversed().map(layerInfo)
}

function layerInfo({ chainId, diffId, sizeBytes }: StoredLayer): StoredLayerInfo {
  return { chainId, diffId, sizeBytes }
}

/** Newest first. A config without history, or with less than layers, has a step for each layer that it does not explain. */
export function imageHistory(store: Store, id: Digest): StoredHistoryStep[] {
  const config = readConfig(store, id)
  const layers = imageLayers(store, id)
  const steps = completed(config.history ?? [], layers.length)
  let count = 0
  const described = steps.map((step, index) => {
    const layer = step.empty_layer === true ? undefined : layers[count++]
    const image =
      index === steps.length - 1 ? readAnyImage(store, id) : imageOfSteps(store, layers[count - 1]?.chainId, steps.slice(0, index + 1))
    return describedStep(step, layer, image)
  })
  return described.toReversed()
}

function completed(history: readonly HistoryEntry[], layers: number): HistoryEntry[] {
  const explained = history.filter((step) => step.empty_layer !== true).length
  return [...history, ...Array.from({ length: Math.max(0, layers - explained) }, (): HistoryEntry => ({}))]
}

function describedStep(step: HistoryEntry, layer: StoredLayerInfo | undefined, image: StoredImage | undefined): StoredHistoryStep {
  const createdMs = step.created === undefined ? Number.NaN : Date.parse(step.created)
  return {
    id: image?.id,
    names: image?.names ?? [],
    created: Number.isNaN(createdMs) ? undefined : new Date(createdMs),
    createdBy: step.created_by ?? '',
    author: step.author ?? '',
    comment: step.comment ?? '',
    layer,
  }
}

/** The stored image that ends with these steps: what the one at hand was made from. */
function imageOfSteps(store: Store, topLayer: Digest | undefined, steps: readonly HistoryEntry[]): StoredImage | undefined {
  const wanted = JSON.stringify(steps)
  const found = rows(store.database, 'SELECT id, config FROM images WHERE top_layer IS ?', topLayer ?? null).find(
    ({ config }) => JSON.stringify((JSON.parse(text(config)) as ImageConfig).history ?? []) === wanted,
  )
  return found === undefined ? undefined : readAnyImage(store, text(found['id']) as Digest)
}
