import type { StoredImage } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { existsSync } from 'node:fs'
import { hasBlob } from './blobs.ts'
import { readAnyImage } from './images.ts'
import { row, rows, type Store, text } from './store.ts'

/** The image that a name leads to by exactly this manifest or index, when every blob and unpacked layer of it lies in this storage. */
export function completeImage(store: Store, name: string, manifest: Digest): StoredImage | undefined {
  const named = row(store.database, 'SELECT image FROM names WHERE name = ? AND manifest = ? AND image IS NOT NULL', name, manifest)
  if (named === undefined) return undefined
  const id = text(named['image']) as Digest
  const blobs = rows(
    store.database,
    `SELECT DISTINCT digest FROM manifest_references
      WHERE role <> 'manifest' AND manifest IN (SELECT manifest FROM image_manifests WHERE image = ?)`,
    id,
  ).map(({ digest }) => text(digest) as Digest)
  const image = readAnyImage(store, id)
  if (image === undefined) return undefined
  const documents = [manifest, ...image.manifests.map(({ digest }) => digest)]
  const isThere =
    [...documents, ...blobs].every((digest) => hasBlob(store, digest)) &&
    image.layers.every((chainId) => existsSync(store.paths.layer(chainId)))
  return isThere ? image : undefined
}
