import { type AbortOptions, emitProgress } from '@podwright/conventions'
import type {
  BlobProgress,
  DestinationOptions,
  ImageDestination,
  Lease,
  ManifestRecord,
  OpenBlob,
  PutBlobOptions,
  PutStreamOptions,
} from '@podwright/contracts'
import { type Descriptor, type Digest, type ImageIndex, parseManifest } from '@podwright/oci'
import { statSync } from 'node:fs'
import { hasBlob } from './blobs.ts'
import { type BegunImage, beginImage } from './begun-image.ts'
import { commitImages, requireBlobs } from './commit-images.ts'
import { parseImageName } from './image-records.ts'
import { ingestBlob } from './ingest.ts'
import { holdItems, type LeaseItem, makeLease } from './leases.ts'
import { type BlobFacts, newBlobOf, putDocument } from './new-blob.ts'
import type { Store } from './store.ts'
import { createUnpacker, type Unpacker } from './unpacker.ts'

/** Where a copy into this storage goes. Layers are unpacked as their blobs land; everything is held by a lease until the commit. */
export async function openDestination(store: Store, name: string | undefined, options: DestinationOptions): Promise<ImageDestination> {
  const names = [...(name === undefined ? [] : [name]), ...(options.names ?? [])]
  if (options.kind === 'artifact') return (await import('./artifact-destination.ts')).openArtifactDestination(store, names)
  const imageNames = names.map(parseImageName)
  await store.driver()
  const lease = await makeLease(store, { signal: options.signal })
  const unpacker = createUnpacker(store)
  const images = new Map<Digest, BegunImage>()
  const indexes = new Map<Digest, { readonly descriptor: Descriptor; readonly index: ImageIndex }>()
  const destination: Intake = { store, lease, unpacker, images, held: new Set() }
  return {
    reference: `storage:${names[0] ?? ''}`,
    accepts: { artifacts: false },
    begin: (manifest, put = {}) => begin(destination, manifest, put),
    hasBlob: (descriptor, put = {}) => announced(destination, descriptor, put),
    putBlob: (descriptor, open, put = {}) => putBlob(destination, descriptor, open, put),
    putStream: (chunks, put = {}) => putStream(destination, chunks, put),
    async putManifest(manifest, put = {}) {
      const parsed = parseManifest(manifest.bytes, manifest.descriptor.mediaType)
      if (parsed.kind === 'index') indexes.set(manifest.descriptor.digest, { descriptor: manifest.descriptor, index: parsed.index })
      else if (!images.has(manifest.descriptor.digest)) await begin(destination, manifest, put)
      await putDocument(store, lease, manifest, put)
    },
    async commit(top, put = {}) {
      for (const image of images.values()) {
        requireBlobs(store, image)
        await image.unpackRest(unpacker, put)
      }
      await unpacker.finish()
      await commitImages(store, { names: imageNames, top, images: [...images.values()], indexes: [...indexes.values()] }, put)
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
  /** What the lease holds by now, `KIND DIGEST`. */
  readonly held: Set<string>
}

/** Has the lease hold what it doesn't yet. */
async function hold({ store, lease, held }: Intake, items: readonly LeaseItem[], options: AbortOptions): Promise<void> {
  const wanted = items.filter((item) => !held.has(item.join(' ')))
  if (wanted.length === 0) return
  await holdItems(store, lease, wanted, options)
  for (const item of wanted) held.add(item.join(' '))
}

async function begin(intake: Intake, manifest: ManifestRecord, options: PutBlobOptions): Promise<void> {
  const { store, unpacker, images } = intake
  const image = beginImage(store, manifest)
  const { digest } = manifest.descriptor
  const blobs = [digest, image.manifest.config.digest, ...image.manifest.layers.map((layer) => layer.digest)]
  await hold(
    intake,
    blobs.map((blob) => ['blob', blob] as const),
    options,
  )
  images.set(digest, image)
  // A worker takes a moment to start, so it does so while the first blobs come in.
  if (image.manifest.layers.some((layer) => !hasBlob(store, layer.digest))) unpacker.warmUp()
  if (hasBlob(store, image.manifest.config.digest)) await configLanded(intake, image, options)
}

/** Whether a blob is there; if so, whatever waits for it begins. */
async function announced(intake: Intake, descriptor: Descriptor, options: PutBlobOptions): Promise<boolean> {
  intake.unpacker.throwIfFailed()
  await hold(intake, [['blob', descriptor.digest]], options)
  if (!hasBlob(intake.store, descriptor.digest)) return false
  await landed(intake, descriptor, options)
  return true
}

async function putBlob(intake: Intake, descriptor: Descriptor, open: OpenBlob, options: PutBlobOptions): Promise<void> {
  const { store, unpacker } = intake
  unpacker.throwIfFailed()
  if (!(await announced(intake, descriptor, options))) {
    await followed(intake, descriptor, options, () =>
      ingestBlob(store, descriptor, open, { ...options, signal: unpacker.signalWith(options.signal) }),
    )
    await landed(intake, descriptor, options)
  } else emitProgress<BlobProgress>(options.onProgress, { type: 'blob:exists', descriptor })
  unpacker.throwIfFailed()
}

/** Smaller blobs have come before a worker could open them. */
const followedFromBytes = 4 * 2 ** 20

/** Has a blob come in, and its layer unpacked meanwhile. */
async function followed(
  { store, unpacker, images }: Intake,
  descriptor: Descriptor,
  options: PutBlobOptions,
  ingest: () => Promise<void>,
): Promise<void> {
  if (descriptor.size < followedFromBytes) return ingest()
  const failed = new AbortController()
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const arrival = { path: store.paths.ingest(descriptor.digest), landed: promise, failed: failed.signal }
  for (const image of images.values()) image.layerArrives(unpacker, descriptor.digest, arrival, options)
  try {
    await ingest()
    resolve(true)
  } catch (error) {
    resolve(false)
    failed.abort(error)
    throw error
  }
}

/** What it is, is found out on the way; it may be put before the manifest that tells of it. */
async function putStream(
  { store, lease, unpacker }: Intake,
  chunks: AsyncIterable<Uint8Array>,
  { expected, signal }: PutStreamOptions,
): Promise<BlobFacts> {
  unpacker.throwIfFailed()
  if (expected !== undefined) {
    await holdItems(store, lease, [['blob', expected]], { signal })
    const size = statSync(store.paths.blob(expected), { throwIfNoEntry: false })?.size
    if (size !== undefined) return { digest: expected, size }
  }
  return newBlobOf(store, lease, chunks, { signal: unpacker.signalWith(signal) })
}

async function landed(intake: Intake, descriptor: Descriptor, options: PutBlobOptions): Promise<void> {
  for (const image of intake.images.values()) {
    if (image.manifest.config.digest === descriptor.digest) await configLanded(intake, image, options)
    image.layerLanded(intake.unpacker, descriptor.digest, options)
  }
}

/** Now it is known what the layers unpack to. */
async function configLanded(intake: Intake, image: BegunImage, options: PutBlobOptions): Promise<void> {
  const { store, unpacker } = intake
  const layers = await image.readConfig()
  await hold(
    intake,
    layers.map(({ chainId }) => ['layer', chainId] as const),
    options,
  )
  for (const { descriptor } of layers) if (hasBlob(store, descriptor.digest)) image.layerLanded(unpacker, descriptor.digest, options)
}
