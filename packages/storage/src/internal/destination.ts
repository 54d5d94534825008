import { emitProgress } from '@podwright/conventions'
import type { BlobProgress, ImageDestination, Lease, ManifestRecord, OpenBlob, PutBlobOptions } from '@podwright/contracts'
import { type Descriptor, type Digest, type ImageIndex, parseManifest } from '@podwright/oci'
import { hasBlob } from './blobs.ts'
import { type BegunImage, beginImage } from './begun-image.ts'
import { commitImages, requireBlobs } from './commit-images.ts'
import { parseImageName } from './image-records.ts'
import { ingestBlob } from './ingest.ts'
import { holdItems, makeLease } from './leases.ts'
import type { Store } from './store.ts'
import { createUnpacker, type Unpacker } from './unpacker.ts'

/** Where a copy into this storage goes. Layers are unpacked as their blobs land; everything is held by a lease until the commit. */
export async function openDestination(store: Store, name: string): Promise<ImageDestination> {
  const imageName = parseImageName(name)
  await store.driver()
  const lease = await makeLease(store)
  const unpacker = createUnpacker(store)
  const images = new Map<Digest, BegunImage>()
  const indexes = new Map<Digest, { readonly descriptor: Descriptor; readonly index: ImageIndex }>()
  const destination: Intake = { store, lease, unpacker, images }
  return {
    reference: `storage:${name}`,
    begin: (manifest, options = {}) => begin(destination, manifest, options),
    hasBlob: (descriptor, options = {}) => announced(destination, descriptor, options),
    putBlob: (descriptor, open, options = {}) => putBlob(destination, descriptor, open, options),
    async putManifest(manifest, options = {}) {
      const parsed = parseManifest(manifest.bytes, manifest.descriptor.mediaType)
      if (parsed.kind === 'index') indexes.set(manifest.descriptor.digest, { descriptor: manifest.descriptor, index: parsed.index })
      else if (!images.has(manifest.descriptor.digest)) await begin(destination, manifest, options)
      await holdItems(store, lease, [['blob', manifest.descriptor.digest]], options)
      await ingestBlob(store, manifest.descriptor, bytesOf(manifest.bytes), { signal: options.signal })
    },
    async commit(top, options = {}) {
      for (const image of images.values()) {
        requireBlobs(store, image)
        await image.unpackRest(unpacker, options)
      }
      await unpacker.finish()
      await commitImages(store, { name: imageName, top, images: [...images.values()], indexes: [...indexes.values()] }, options)
    },
    async [Symbol.asyncDispose]() {
      try {
        await unpacker[Symbol.asyncDispose]()
      } finally {
        await lease[Symbol.asyncDispose]()
      }
    },
  }
}

/** What the methods of a destination share. */
interface Intake {
  readonly store: Store
  readonly lease: Lease
  readonly unpacker: Unpacker
  readonly images: Map<Digest, BegunImage>
}

async function begin({ store, lease, unpacker, images }: Intake, manifest: ManifestRecord, options: PutBlobOptions): Promise<void> {
  const image = beginImage(store, manifest)
  const { digest } = manifest.descriptor
  const blobs = [digest, image.manifest.config.digest, ...image.manifest.layers.map((layer) => layer.digest)]
  await holdItems(
    store,
    lease,
    blobs.map((blob) => ['blob', blob] as const),
    options,
  )
  images.set(digest, image)
  // A worker takes a moment to start, so it does so while the first blobs come in.
  if (image.manifest.layers.some((layer) => !hasBlob(store, layer.digest))) unpacker.warmUp()
  if (hasBlob(store, image.manifest.config.digest)) await configLanded({ store, lease, unpacker, images }, image, options)
}

/** Whether a blob is there; if so, whatever waits for it begins. */
async function announced(intake: Intake, descriptor: Descriptor, options: PutBlobOptions): Promise<boolean> {
  intake.unpacker.throwIfFailed()
  await holdItems(intake.store, intake.lease, [['blob', descriptor.digest]], options)
  if (!hasBlob(intake.store, descriptor.digest)) return false
  await landed(intake, descriptor, options)
  return true
}

async function putBlob(intake: Intake, descriptor: Descriptor, open: OpenBlob, options: PutBlobOptions): Promise<void> {
  const { store, unpacker } = intake
  unpacker.throwIfFailed()
  if (!(await announced(intake, descriptor, options))) {
    await ingestBlob(store, descriptor, open, { ...options, signal: unpacker.signalWith(options.signal) })
    await landed(intake, descriptor, options)
  } else emitProgress<BlobProgress>(options.onProgress, { type: 'blob:exists', descriptor })
  unpacker.throwIfFailed()
}

async function landed(intake: Intake, descriptor: Descriptor, options: PutBlobOptions): Promise<void> {
  for (const image of intake.images.values()) {
    if (image.manifest.config.digest === descriptor.digest) await configLanded(intake, image, options)
    image.layerLanded(intake.unpacker, descriptor.digest, options)
  }
}

/** Now it is known what the layers unpack to. */
async function configLanded({ store, lease, unpacker }: Intake, image: BegunImage, options: PutBlobOptions): Promise<void> {
  const layers = await image.readConfig()
  await holdItems(
    store,
    lease,
    layers.map(({ chainId }) => ['layer', chainId] as const),
    options,
  )
  for (const { descriptor } of layers) if (hasBlob(store, descriptor.digest)) image.layerLanded(unpacker, descriptor.digest, options)
}

function bytesOf(bytes: Uint8Array): OpenBlob {
  return (offset) => Promise.resolve({ offset, chunks: chunksOf(bytes.subarray(offset)) })
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
