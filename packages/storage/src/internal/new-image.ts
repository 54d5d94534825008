import type { NewImageOptions, StoredImage } from '@podwright/contracts'
import {
  type Descriptor,
  type Digest,
  describe,
  encodeDocument,
  type HistoryEntry,
  hostPlatform,
  type ImageConfig,
  isForeignLayerMediaType,
  layerCompression,
  mediaTypes,
  parseManifest,
} from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { readBlob } from './blobs.ts'
import { openDestination } from './destination.ts'
import { descriptorOf, readConfig, readImage } from './images.ts'
import { row, type Store } from './store.ts'

/** What an image is made on. */
export interface ImageBase {
  readonly config: ImageConfig
  /** Blobs of its layers, lowest first. */
  readonly layers: readonly Descriptor[]
}

/** The layer that an image gets. */
export interface AddedLayer {
  readonly diffId: Digest
  readonly blob: Descriptor
}

/** What there is below when there is nothing. */
export function emptyBase(platform: NonNullable<Parameters<typeof definedPlatform>[0]> = hostPlatform()): ImageBase {
  return { config: { ...definedPlatform(platform), rootfs: { type: 'layers', diff_ids: [] } }, layers: [] }
}

function definedPlatform(platform: Pick<ImageConfig, 'os' | 'architecture' | 'variant'>): Pick<ImageConfig, 'os' | 'architecture'> {
  const { os, architecture, variant } = platform
  return { architecture, os, ...(variant !== undefined && { variant }) }
}

/**
 * A stored image to build on.
 *
 * @throws `ERR_IMAGE_NOT_FOUND`, `ERR_BLOB_…`
 */
export async function imageBase(store: Store, id: Digest): Promise<ImageBase> {
  const config = readConfig(store, id)
  const sql =
    "SELECT manifests.* FROM image_manifests JOIN manifests ON digest = manifest WHERE kind = 'manifest' AND image = ? ORDER BY digest LIMIT 1"
  for (const { database } of [store, ...store.additional]) {
    const columns = row(database, sql, id)
    if (columns === undefined) continue
    const { digest, mediaType } = descriptorOf(columns)
    const parsed = parseManifest(await readBlob(store, digest), mediaType)
    if (parsed.kind === 'manifest') return { config, layers: parsed.manifest.layers }
  }
  throw new StorageError('ERR_IMAGE_INVALID', `cannot build on the image ${id}: it has no manifest`, { details: { id } })
}

/** Writes an image's documents and makes it visible. The layer's blob is there, under a lease; the layer is unpacked unless it is there. */
export async function makeImage(store: Store, base: ImageBase, added: AddedLayer, options: NewImageOptions): Promise<StoredImage> {
  const { names = [], format = 'oci', signal } = options
  const configBytes = encodeDocument(configOf(base, added, options))
  const config = describe(configBytes, format === 'docker' ? mediaTypes.dockerConfig : mediaTypes.ociConfig)
  const mediaType = format === 'docker' ? mediaTypes.dockerManifest : mediaTypes.ociManifest
  const layers = [...base.layers, added.blob].map((layer) => asFormat(layer, format))
  const annotations = format === 'oci' ? options.annotations : undefined
  if (format === 'docker' && options.annotations !== undefined) throw noAnnotations()
  const bytes = encodeDocument({ schemaVersion: 2, mediaType, config, layers, ...(annotations !== undefined && { annotations }) })
  const manifest = { descriptor: describe(bytes, mediaType), bytes }
  await using destination = await openDestination(store, names[0], { names: names.slice(1), signal })
  const unpackProgress = ({ onProgress }: NewImageOptions): PutOptions => ({
    signal,
    onProgress: (event) => {
      if (event.type === 'layer:unpack') onProgress?.({ type: 'commit:unpack', completeBytes: event.completeBytes })
    },
  })
  await destination.begin(manifest, unpackProgress(options))
  await destination.putBlob(
    config,
    (offset) => Promise.resolve({ offset, chunks: one(configBytes.subarray(offset)) }),
    unpackProgress(options),
  )
  await destination.putManifest(manifest, { signal })
  await destination.commit(manifest.descriptor, unpackProgress(options))
  return readImage(store, config.digest) as StoredImage
}

type PutOptions = NonNullable<Parameters<Awaited<ReturnType<typeof openDestination>>['begin']>[1]>

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function configOf(base: ImageBase, { diffId }: AddedLayer, options: NewImageOptions): ImageConfig {
  const { changeConfig = (config) => config, author, message, createdBy, created = new Date() } = options
  const changed = changeConfig(base.config)
  const step: HistoryEntry = {
    created: created.toISOString(),
    ...(createdBy !== undefined && { created_by: createdBy }),
    ...(author !== undefined && { author }),
    ...(message !== undefined && { comment: message }),
  }
  return {
    ...changed,
    created: created.toISOString(),
    ...(author !== undefined && { author }),
    rootfs: { type: 'layers', diff_ids: [...base.config.rootfs.diff_ids, diffId] },
    history: [...(base.config.history ?? []), step],
  }
}

/** A layer's media type in the manifest's format; foreign ones stay foreign. */
function asFormat(layer: Descriptor, format: 'oci' | 'docker'): Descriptor {
  return { ...layer, mediaType: layerType(layer.mediaType, format) }
}

const ociTypes = { none: mediaTypes.ociLayer, gzip: mediaTypes.ociLayerGzip, zstd: mediaTypes.ociLayerZstd } as const
const dockerTypes = { none: mediaTypes.dockerLayer, gzip: mediaTypes.dockerLayerGzip } as const

/** @throws `ERR_IMAGE_UNSUPPORTED` */
function layerType(mediaType: string, format: 'oci' | 'docker'): string {
  const compression = layerCompression(mediaType)
  if (compression === undefined) throw unsupported(`it has a layer of the type ${mediaType}`)
  if (isForeignLayerMediaType(mediaType)) return mediaType
  if (format === 'oci') return ociTypes[compression]
  if (compression === 'zstd') throw unsupported("Docker's format has no zstd layers")
  return dockerTypes[compression]
}

function unsupported(reason: string): StorageError {
  return new StorageError('ERR_IMAGE_UNSUPPORTED', `cannot write the image's manifest: ${reason}`, { hint: 'Use the format `oci`.' })
}

function noAnnotations(): StorageError {
  return new StorageError('ERR_IMAGE_UNSUPPORTED', "cannot write the image's manifest: Docker's format has no annotations", {
    hint: 'Use the format `oci`.',
  })
}
