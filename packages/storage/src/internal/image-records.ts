import {
  type Descriptor,
  type Digest,
  formatReference,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  parseReference,
} from '@podwright/oci'
import { messageOf } from '@podwright/conventions'
import { StorageError } from '../errors.ts'
import { change, type Store } from './store.ts'

/** A name, taken apart. */
export interface ImageName {
  /** `docker.io/library/debian`. */
  readonly repository: string
  /** With its tag; undefined for a name with a digest, which only says where the manifest came from. */
  readonly name: string | undefined
}

/** @throws `ERR_IMAGE_NAME` unless it is a full name. Without tag and digest it gets the tag `latest`. */
export function parseImageName(name: string): ImageName {
  try {
    const { registry, repository, tag, digest } = parseReference(name)
    if (digest !== undefined) return { repository: `${registry}/${repository}`, name: undefined }
    return { repository: `${registry}/${repository}`, name: formatReference({ registry, repository, tag: tag ?? 'latest' }) }
  } catch (cause) {
    throw new StorageError('ERR_IMAGE_NAME', `cannot use "${name}" as an image's name: ${messageOf(cause)}`, {
      cause,
      hint: 'Full names have a registry: docker.io/library/debian:12',
    })
  }
}

/** An image that has come in whole. */
export interface NewImage {
  readonly id: Digest
  readonly config: ImageConfig
  readonly topLayer: Digest | undefined
  readonly sizeBytes: number
}

/** All of these run inside a transaction. */
export function recordManifest(store: Store, descriptor: Descriptor, manifest: ImageManifest): void {
  recordDocument(store, descriptor, 'manifest')
  recordReference(store, descriptor.digest, manifest.config.digest, 'config')
  for (const layer of manifest.layers) recordReference(store, descriptor.digest, layer.digest, 'layer')
}

export function recordArtifact(store: Store, descriptor: Descriptor, manifest: ImageManifest): void {
  recordDocument(store, descriptor, 'artifact')
  recordReference(store, descriptor.digest, manifest.config.digest, 'config')
  for (const layer of manifest.layers) recordReference(store, descriptor.digest, layer.digest, 'layer')
}

export function recordIndex(store: Store, descriptor: Descriptor, index: ImageIndex): void {
  recordDocument(store, descriptor, 'index')
  for (const manifest of index.manifests) recordReference(store, descriptor.digest, manifest.digest, 'manifest')
}

export function recordImage(store: Store, { id, config, topLayer, sizeBytes }: NewImage): void {
  const createdMs = config.created === undefined ? Number.NaN : Date.parse(config.created)
  const { os, architecture, variant, 'os.version': version, 'os.features': features } = config
  const platform = { os, architecture, variant, 'os.version': version, 'os.features': features }
  change(
    store.database,
    'INSERT OR IGNORE INTO images VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    id,
    JSON.stringify(platform),
    Number.isNaN(createdMs) ? null : createdMs,
    store.clock.now(),
    sizeBytes,
    JSON.stringify(config.config?.Labels ?? {}),
    topLayer ?? null,
    JSON.stringify(config),
  )
}

export function recordImageManifest(store: Store, image: Digest, manifest: Digest): void {
  change(store.database, 'INSERT OR IGNORE INTO image_manifests VALUES (?, ?)', image, manifest)
}

/** Gives an image, or without one a list or artifact, a name, which another may have had. */
export function recordName(store: Store, { repository, name }: ImageName, image: Digest | null, manifest: Digest): void {
  if (name === undefined) return
  change(store.database, 'INSERT OR REPLACE INTO names VALUES (?, ?, ?, ?, ?)', name, repository, image, manifest, store.clock.now())
}

export function recordRepositoryDigest(store: Store, { repository }: ImageName, image: Digest, manifest: Digest): void {
  change(store.database, 'INSERT OR REPLACE INTO repository_digests VALUES (?, ?, ?, ?)', repository, manifest, image, store.clock.now())
}

/** A config and layers can be fetched from where their manifest was. */
export function recordLocations(store: Store, { repository }: ImageName, manifest: ImageManifest): void {
  for (const { digest } of [manifest.config, ...manifest.layers]) {
    change(store.database, 'INSERT OR REPLACE INTO blob_locations VALUES (?, ?, ?)', digest, repository, store.clock.now())
  }
}

function recordDocument(store: Store, { digest, mediaType, size }: Descriptor, kind: string): void {
  change(store.database, 'INSERT OR IGNORE INTO manifests VALUES (?, ?, ?, ?)', digest, kind, mediaType, size)
}

function recordReference(store: Store, manifest: Digest, digest: Digest, role: string): void {
  change(store.database, 'INSERT OR IGNORE INTO manifest_references VALUES (?, ?, ?)', manifest, digest, role)
}
