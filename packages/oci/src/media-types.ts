/** Media types of the OCI image-spec v1.1 and of Docker's image manifest version 2, schema 2. */
export const mediaTypes = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  ociLayerNondistributable: 'application/vnd.oci.image.layer.nondistributable.v1.tar',
  ociLayerNondistributableGzip: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  ociLayerNondistributableZstd: 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  ociEmpty: 'application/vnd.oci.empty.v1+json',
  dockerManifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerManifestV1: 'application/vnd.docker.distribution.manifest.v1+json',
  dockerManifestV1Signed: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerForeign: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
} as const

const layerCompressions: Readonly<Record<string, LayerCompression>> = {
  [mediaTypes.ociLayer]: 'none',
  [mediaTypes.ociLayerGzip]: 'gzip',
  [mediaTypes.ociLayerZstd]: 'zstd',
  [mediaTypes.ociLayerNondistributable]: 'none',
  [mediaTypes.ociLayerNondistributableGzip]: 'gzip',
  [mediaTypes.ociLayerNondistributableZstd]: 'zstd',
  [mediaTypes.dockerLayer]: 'none',
  [mediaTypes.dockerLayerGzip]: 'gzip',
  // Written by buildkit and containers/image for zstd layers in a schema 2 manifest.
  'application/vnd.docker.image.rootfs.diff.tar.zstd': 'zstd',
  [mediaTypes.dockerLayerForeign]: 'gzip',
  'application/vnd.docker.image.rootfs.foreign.diff.tar': 'none',
}

/** How a layer's tar is packed. */
export type LayerCompression = 'none' | 'gzip' | 'zstd'

/** Whether it is a layer of a file system: a tar, packed or not, of OCI or Docker, foreign or not. */
export function isLayerMediaType(mediaType: string): boolean {
  return Object.hasOwn(layerCompressions, mediaType)
}

/** What a layer's media type says of its compression; undefined for what is no layer. Images exist whose bytes tell otherwise. */
export function layerCompression(mediaType: string): LayerCompression | undefined {
  return isLayerMediaType(mediaType) ? layerCompressions[mediaType] : undefined
}

/** Whether it is a layer that need not be in the registry, but lies at its descriptor's `urls`. */
export function isForeignLayerMediaType(mediaType: string): boolean {
  return isLayerMediaType(mediaType) && /\.(?:nondistributable|foreign)\./.test(mediaType)
}

/** Whether it is an image index or Docker's manifest list. */
export function isIndexMediaType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerManifestList
}

/** Whether it is an image manifest of OCI or of Docker's schema 2. */
export function isManifestMediaType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociManifest || mediaType === mediaTypes.dockerManifest
}

/** Whether it is the config of an image, not of some other artifact. */
export function isImageConfigMediaType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig
}
