import { createHash } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { packTar, type TarEntry } from './tar.ts'

/** Bytes with what names them. */
export interface Blob {
  readonly digest: string
  readonly bytes: Uint8Array
}

/** An image, ready to be served or pushed. */
export interface Image {
  readonly manifest: Blob
  readonly mediaType: string
  /** Its config and layers. */
  readonly blobs: readonly Blob[]
  readonly configDigest: string
}

/** A list of images, one a platform. */
export interface ImageIndex {
  readonly manifest: Blob
  readonly mediaType: string
  readonly images: readonly Image[]
}

/** What an image is made from. */
export interface ImageRecipe {
  /** From the lowest: entries, or the bytes of a whole archive. */
  readonly layers: readonly (readonly TarEntry[] | Uint8Array)[]
  /** The `config` of the image's configuration: Cmd, Env, … */
  readonly config?: Readonly<Record<string, unknown>>
  /** @default that of this machine */
  readonly architecture?: string
  /** @default 'oci' */
  readonly format?: 'oci' | 'docker'
  /** @default 'gzip' */
  readonly compression?: 'gzip' | 'zstd' | 'none'
}

/** The name that images have for this machine's processor. */
export const ownArchitecture: string = process.arch === 'x64' ? 'amd64' : process.arch

const mediaTypes = {
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    index: 'application/vnd.oci.image.index.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar',
  },
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar',
  },
} as const

const compressions = {
  gzip: { compress: (bytes: Uint8Array): Uint8Array => gzipSync(bytes), oci: '+gzip', docker: '.gzip' },
  zstd: { compress: (bytes: Uint8Array): Uint8Array => zstdCompressSync(bytes), oci: '+zstd', docker: '.zstd' },
  none: { compress: (bytes: Uint8Array): Uint8Array => bytes, oci: '', docker: '' },
} as const

/** Names bytes by their SHA-256. */
export function blobOf(content: string | Uint8Array): Blob {
  const bytes = Buffer.from(content)
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes }
}

/** Makes an image. */
export function makeImage(recipe: ImageRecipe): Image {
  const { layers, config = {}, architecture = ownArchitecture, format = 'oci', compression = 'gzip' } = recipe
  const types = mediaTypes[format]
  const archives = layers.map((layer) => (layer instanceof Uint8Array ? layer : packTar(layer)))
  const packed = archives.map((archive) => blobOf(compressions[compression].compress(archive)))
  const configBlob = blobOf(
    JSON.stringify({
      architecture,
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config,
      rootfs: { type: 'layers', diff_ids: archives.map((archive) => blobOf(archive).digest) },
      history: archives.map(() => ({ created: '2026-01-01T00:00:00Z', created_by: 'a test' })),
    }),
  )
  const manifest = blobOf(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: types.manifest,
      config: describe(configBlob, types.config),
      layers: packed.map((blob) => describe(blob, types.layer + compressions[compression][format])),
    }),
  )
  return { manifest, mediaType: types.manifest, blobs: [configBlob, ...packed], configDigest: configBlob.digest }
}

/** Makes a list of images by architecture. */
export function makeIndex(images: Readonly<Record<string, Image>>, format: 'oci' | 'docker' = 'oci'): ImageIndex {
  const manifests = Object.entries(images).map(([architecture, { manifest, mediaType }]) => ({
    ...describe(manifest, mediaType),
    platform: { architecture, os: 'linux' },
  }))
  const { index } = mediaTypes[format]
  const manifest = blobOf(JSON.stringify({ schemaVersion: 2, mediaType: index, manifests }))
  return { manifest, mediaType: index, images: Object.values(images) }
}

function describe({ digest, bytes }: Blob, mediaType: string): object {
  return { mediaType, digest, size: bytes.length }
}
