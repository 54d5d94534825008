import {
  isForeignLayerMediaType,
  isImageConfigMediaType,
  isIndexMediaType,
  isLayerMediaType,
  isManifestMediaType,
  layerCompression,
  mediaTypes,
} from '@podwright/oci'
import { expect, test } from 'vitest'

test.each([
  [mediaTypes.ociLayer, 'none'],
  [mediaTypes.ociLayerGzip, 'gzip'],
  [mediaTypes.ociLayerZstd, 'zstd'],
  [mediaTypes.ociLayerNondistributableZstd, 'zstd'],
  [mediaTypes.dockerLayer, 'none'],
  [mediaTypes.dockerLayerGzip, 'gzip'],
  [mediaTypes.dockerLayerForeign, 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'zstd'],
  [mediaTypes.ociConfig, undefined],
  ['toString', undefined],
])('%s is packed as %s', (mediaType, compression) => {
  expect(layerCompression(mediaType)).toBe(compression)
  expect(isLayerMediaType(mediaType)).toBe(compression !== undefined)
})

test('each document has one kind', () => {
  const kinds = Object.values(mediaTypes).map(
    (type) => [isIndexMediaType, isManifestMediaType, isImageConfigMediaType, isLayerMediaType].filter((is) => is(type)).length,
  )
  expect(Math.max(...kinds)).toBe(1)
  expect(Object.values(mediaTypes).filter(isForeignLayerMediaType)).toHaveLength(4)
})
