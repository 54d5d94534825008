import type { AbortOptions } from '@podwright/conventions'
import { type Descriptor, type Digest, hostPlatform, type ImageConfig, type ImageIndex, matchPlatform } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import type { BegunImage } from './begun-image.ts'
import { blobPath } from './blobs.ts'
import { fullOr } from './free-space.ts'
import {
  type ImageName,
  recordImage,
  recordImageManifest,
  recordIndex,
  recordLocations,
  recordManifest,
  recordName,
  recordRepositoryDigest,
} from './image-records.ts'
import { layerChain } from './layers.ts'
import type { Store } from './store.ts'

/** Everything that a commit makes visible. */
export interface Intent {
  /** None for an image that is found by its id alone. The first says where it comes from. */
  readonly names: readonly ImageName[]
  /** The manifest or index that the name leads to. */
  readonly top: Descriptor
  readonly images: readonly BegunImage[]
  readonly indexes: readonly { readonly descriptor: Descriptor; readonly index: ImageIndex }[]
}

/**
 * Makes images and their name visible, in one transaction that is on disk afterwards.
 *
 * @throws `ERR_IMAGE_INCOMPLETE`
 */
export async function commitImages(store: Store, intent: Intent, options: AbortOptions): Promise<void> {
  const named = namedImage(intent)
  const record = store.database.transaction(
    () => {
      for (const image of intent.images) recordManifest(store, image.descriptor, image.manifest)
      for (const { descriptor, index } of intent.indexes) recordIndex(store, descriptor, index)
      for (const image of intent.images) recordBegun(store, image, intent)
      for (const name of intent.names) recordName(store, name, named.manifest.config.digest, intent.top.digest)
    },
    { ...options, durable: true },
  )
  await record.catch((error: unknown) => Promise.reject(fullOr(error, `store the image ${intent.top.digest}`)))
}

function recordBegun(store: Store, image: BegunImage, { names, indexes }: Intent): void {
  const id = image.manifest.config.digest
  const chain = layerChain(store, image.layers.at(-1)?.chainId)
  requireComplete(store, image, chain.length)
  const sizeBytes = chain.reduce((sum, layer) => sum + layer.sizeBytes, 0)
  recordImage(store, { id, config: image.config as ImageConfig, topLayer: chain[0]?.chainId, sizeBytes })
  const around = indexes.filter(({ index }) => index.manifests.some(({ digest }) => digest === image.descriptor.digest))
  for (const { digest } of [image.descriptor, ...around.map(({ descriptor }) => descriptor)]) {
    recordImageManifest(store, id, digest)
    for (const name of names) recordRepositoryDigest(store, name, id, digest)
  }
  for (const name of names) recordLocations(store, name, image.manifest)
}

/** @throws `ERR_IMAGE_INCOMPLETE` unless every blob of the image is there. */
export function requireBlobs(store: Store, { descriptor, manifest }: BegunImage): void {
  const missing = [descriptor, manifest.config, ...manifest.layers].find(({ digest }) => blobPath(store, digest) === undefined)
  if (missing !== undefined) throw incomplete(descriptor.digest, `the blob ${missing.digest} was never put`)
}

/** Inside the transaction, so that no collection comes between. */
function requireComplete(store: Store, image: BegunImage, unpacked: number): void {
  requireBlobs(store, image)
  if (image.config === undefined || unpacked < image.layers.length) throw incomplete(image.descriptor.digest, 'a layer was never unpacked')
}

/** The image that the name gets: the one of the host's platform when there are several. */
function namedImage({ top, images, indexes }: Intent): BegunImage {
  const direct = images.find(({ descriptor }) => descriptor.digest === top.digest)
  if (direct !== undefined) return direct
  const inside = indexes.find(({ descriptor }) => descriptor.digest === top.digest)?.index.manifests ?? []
  const put = inside.filter(({ digest }) => images.some(({ descriptor }) => descriptor.digest === digest))
  const chosen = put.length > 1 ? (matchPlatform(hostPlatform(), put) ?? put[0]) : put[0]
  const found = images.find(({ descriptor }) => descriptor.digest === chosen?.digest)
  if (found === undefined) throw incomplete(top.digest, 'no image of it was put')
  return found
}

function incomplete(digest: Digest, reason: string): StorageError {
  return new StorageError('ERR_IMAGE_INCOMPLETE', `cannot store the image ${digest}: ${reason}`, { details: { digest } })
}
