import type { ImageLayer, StoredImage } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import type { EngineParts } from '../parts.ts'
import { requireLocalImage } from './find-image.ts'

/** An image's layers, lowest first, each with the images that end with it. */
export async function imageLayers(parts: EngineParts, reference: string): Promise<ImageLayer[]> {
  const storage = await parts.storage()
  const { image } = requireLocalImage(storage, reference)
  const layers = await storage.imageLayers(image.id)
  const byTop = Map.groupBy(storage.listImages(), topLayer)
  return layers.map((layer) => ({ ...layer, topOf: byTop.get(layer.chainId) ?? [] }))
}

function topLayer({ layers }: StoredImage): Digest | undefined {
  return layers.at(-1)
}
