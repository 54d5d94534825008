import { type LayerCompression, mediaTypes } from '@podwright/oci'

/** No specification has it, but containers/image and BuildKit write it. */
export const dockerLayerZstd = 'application/vnd.docker.image.rootfs.diff.tar.zstd'

const dockerForeignUncompressed = 'application/vnd.docker.image.rootfs.foreign.diff.tar'

/** The document format of an image. */
export type ImageFormat = 'oci' | 'docker'

const layerTypes: Readonly<Record<ImageFormat, Readonly<Record<LayerCompression, string>>>> = {
  oci: { none: mediaTypes.ociLayer, gzip: mediaTypes.ociLayerGzip, zstd: mediaTypes.ociLayerZstd },
  docker: { none: mediaTypes.dockerLayer, gzip: mediaTypes.dockerLayerGzip, zstd: dockerLayerZstd },
}

const foreignTypes: Readonly<Record<ImageFormat, Readonly<Record<LayerCompression, string | undefined>>>> = {
  oci: {
    none: mediaTypes.ociLayerNondistributable,
    gzip: mediaTypes.ociLayerNondistributableGzip,
    zstd: mediaTypes.ociLayerNondistributableZstd,
  },
  docker: { none: dockerForeignUncompressed, gzip: mediaTypes.dockerLayerForeign, zstd: undefined },
}

/** @returns undefined for what a format has no type for */
export function layerType(format: ImageFormat, compression: LayerCompression, isForeign: boolean): string | undefined {
  return (isForeign ? foreignTypes : layerTypes)[format][compression]
}
