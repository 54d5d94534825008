import type { ManifestRecord, PutBlobOptions } from '@podwright/contracts'
import {
  chainIds,
  type Descriptor,
  type Digest,
  type ImageConfig,
  type ImageManifest,
  isLayerMediaType,
  parseImageConfig,
  parseManifest,
} from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { readBlob } from './blobs.ts'
import type { Store } from './store.ts'
import type { Arrival, LayerPlan } from './unpack-layer.ts'
import type { Unpacker } from './unpacker.ts'

/** An image on its way in. */
export interface BegunImage {
  readonly descriptor: Descriptor
  readonly manifest: ImageManifest
  /** Once `readConfig` was called. */
  readonly config: ImageConfig | undefined
  /** Lowest first; empty before `readConfig`. */
  readonly layers: readonly LayerPlan[]
  /** Once the config's blob is there. */
  readConfig(): Promise<readonly LayerPlan[]>
  /** A layer's blob is on its way. It is unpacked as it comes, if it is known by now what it unpacks to, and there is room for it. */
  layerArrives(unpacker: Unpacker, digest: Digest, arrival: Arrival, options: PutBlobOptions): void
  /** A layer's blob is there: it is unpacked as soon as it is known what it unpacks to. */
  layerLanded(unpacker: Unpacker, digest: Digest, options: PutBlobOptions): void
  /** Has every layer unpacked that isn't yet. */
  unpackRest(unpacker: Unpacker, options: PutBlobOptions): Promise<void>
}

/** @throws `ERR_IMAGE_UNSUPPORTED`; an `OciError` for what isn't a manifest */
export function beginImage(store: Store, record: ManifestRecord): BegunImage {
  const manifest = parseImage(record)
  let config: ImageConfig | undefined
  let layers: readonly LayerPlan[] = []
  const readConfig = async (): Promise<readonly LayerPlan[]> => {
    if (config !== undefined) return layers
    const read = parseImageConfig(await readBlob(store, manifest.config.digest))
    layers = planLayers(record.descriptor, manifest, read)
    config = read
    return layers
  }
  return {
    descriptor: record.descriptor,
    manifest,
    get config() {
      return config
    },
    get layers() {
      return layers
    },
    readConfig,
    layerLanded(unpacker, digest, options) {
      for (const layer of layers) if (layer.descriptor.digest === digest) unpacker.unpack(layer, options)
    },
    layerArrives(unpacker, digest, arrival, options) {
      for (const layer of layers) if (layer.descriptor.digest === digest) unpacker.follow(layer, arrival, options)
    },
    async unpackRest(unpacker, options) {
      for (const layer of await readConfig()) unpacker.unpack(layer, options)
    },
  }
}

function parseImage({ bytes, descriptor }: ManifestRecord): ImageManifest {
  const parsed = parseManifest(bytes, descriptor.mediaType)
  if (parsed.kind === 'index') throw unsupported(descriptor, 'it is an index; hand over the manifests in it')
  const other = parsed.manifest.layers.find((layer) => !isLayerMediaType(layer.mediaType))
  if (other === undefined) return parsed.manifest
  throw unsupported(descriptor, `it is an artifact: one of its layers is ${other.mediaType}`)
}

/** The config names the layers, lowest first, by what they unpack to; the manifest, in the same order, by what they are fetched by. */
function planLayers(descriptor: Descriptor, manifest: ImageManifest, config: ImageConfig): LayerPlan[] {
  const diffIds = config.rootfs.diff_ids
  if (diffIds.length !== manifest.layers.length) {
    throw new StorageError(
      'ERR_IMAGE_INVALID',
      `cannot store the image ${descriptor.digest}: its manifest has ${manifest.layers.length} layers, its config ${diffIds.length}`,
      { hint: 'The image was made wrongly; ask whoever made it.', details: { digest: descriptor.digest } },
    )
  }
  const chain = chainIds(diffIds)
  return manifest.layers.map((layer, index) => ({
    descriptor: layer,
    chainId: chain[index] as Digest,
    diffId: diffIds[index] as Digest,
    parent: chain[index - 1] ?? null,
  }))
}

function unsupported(descriptor: Descriptor, reason: string): StorageError {
  return new StorageError('ERR_IMAGE_UNSUPPORTED', `cannot store ${descriptor.digest} as an image: ${reason}`, {
    details: { digest: descriptor.digest },
  })
}
