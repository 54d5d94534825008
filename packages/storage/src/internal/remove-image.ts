import type { AbortOptions } from '@podwright/conventions'
import type { RemovedImage, RemoveNameOptions } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { withoutTag } from './find-image.ts'
import { imageNotFound, readImage } from './images.ts'
import { layerChain } from './layers.ts'
import { change, optionalText, row, rows, type Store, text } from './store.ts'
import { sweep, type Suspects } from './sweep.ts'

const nothing: Suspects = { blobs: [], layers: [] }

/** What a removal did, and what may have become garbage by it. */
interface Removal {
  readonly removed: RemovedImage
  readonly suspects: Suspects
}

/** Takes a name, or a name with a digest, away; an image that has none left, and no snapshot, goes unless it is to be kept. */
export async function removeName(store: Store, name: string, options: RemoveNameOptions): Promise<RemovedImage> {
  const removal = await store.database.transaction(() => untag(store, name, options.keepImage ?? false), { ...options, durable: true })
  await sweep(store, removal.suspects, options)
  return removal.removed
}

/**
 * Deletes an image with its names.
 *
 * @throws `ERR_IMAGE_NOT_FOUND`, `ERR_IMAGE_HAS_NAMES`, `ERR_IMAGE_IN_USE`
 */
export async function removeImage(store: Store, id: Digest, options: AbortOptions & { readonly force?: boolean }): Promise<RemovedImage> {
  const removal = await store.database.transaction(
    () => {
      const image = readImage(store, id)
      if (image === undefined) throw imageNotFound(id)
      if (image.names.length > 1 && options.force !== true) throw hasNames(id, image.names)
      const key = snapshotOn(store, id)
      if (key !== undefined) throw inUse(id, key)
      return deleteImage(store, id, [...image.names, ...image.digests])
    },
    { ...options, durable: true },
  )
  await sweep(store, removal.suspects, options)
  return removal.removed
}

/** Inside a transaction. */
function untag(store: Store, name: string, keepImage: boolean): Removal {
  const { database } = store
  const at = name.indexOf('@')
  const repository = withoutTag(at < 0 ? name : name.slice(0, at))
  const sql =
    at < 0
      ? row(database, 'SELECT image FROM names WHERE name = ?', name)
      : row(database, 'SELECT image FROM repository_digests WHERE repository = ? AND manifest = ?', repository, name.slice(at + 1))
  if (sql === undefined) throw imageNotFound(name)
  const image = optionalText(sql['image'])
  if (at < 0) change(database, 'DELETE FROM names WHERE name = ?', name)
  else change(database, 'DELETE FROM repository_digests WHERE repository = ? AND manifest = ?', repository, name.slice(at + 1))
  if (image === undefined) return { removed: { untagged: [name], deleted: [] }, suspects: forgetManifests(store) }
  return keepImage ? { removed: { untagged: [name], deleted: [] }, suspects: nothing } : untagged(store, image as Digest, repository, name)
}

function untagged(store: Store, image: Digest, repository: string, name: string): Removal {
  const { database } = store
  const names = rows(database, 'SELECT repository FROM names WHERE image = ?', image)
  const gone = [name]
  if (!names.some((other) => other['repository'] === repository)) gone.push(...forgetDigests(store, image, repository))
  const digests = row(database, 'SELECT 1 FROM repository_digests WHERE image = ? LIMIT 1', image)
  if (names.length > 0 || digests !== undefined || snapshotOn(store, image) !== undefined) {
    return { removed: { untagged: gone, deleted: [] }, suspects: nothing }
  }
  return deleteImage(store, image, gone)
}

/** Without a tag in a repository, an image is no longer known by its digests there. */
function forgetDigests(store: Store, image: Digest, repository: string): string[] {
  const sql = 'DELETE FROM repository_digests WHERE image = ? AND repository = ? RETURNING manifest'
  return rows(store.database, sql, image, repository).map(({ manifest }) => `${repository}@${text(manifest)}`)
}

function deleteImage(store: Store, id: Digest, gone: readonly string[]): Removal {
  const layers = layerChain(store, optionalText(row(store.database, 'SELECT top_layer FROM images WHERE id = ?', id)?.['top_layer']))
  change(store.database, 'DELETE FROM images WHERE id = ?', id)
  const { blobs } = forgetManifests(store)
  return { removed: { untagged: [...new Set(gone)], deleted: [id] }, suspects: { blobs, layers: layers.map(({ chainId }) => chainId) } }
}

/** Manifests that neither an image nor a name has any more, with all that they refer to. */
export function forgetManifests(store: Store): Suspects {
  const unneeded = rows(
    store.database,
    'SELECT digest FROM manifests WHERE digest NOT IN (SELECT manifest FROM image_manifests) AND digest NOT IN (SELECT manifest FROM names) AND digest NOT IN (SELECT manifest FROM repository_digests)',
  ).map(({ digest }) => text(digest) as Digest)
  const blobs = new Set(unneeded)
  for (const manifest of unneeded) {
    const references = rows(store.database, 'SELECT digest FROM manifest_references WHERE manifest = ?', manifest)
    for (const { digest } of references) blobs.add(text(digest) as Digest)
    change(store.database, 'DELETE FROM manifests WHERE digest = ?', manifest)
  }
  return { blobs: [...blobs], layers: [] }
}

function snapshotOn(store: Store, image: Digest): string | undefined {
  return optionalText(row(store.database, 'SELECT key FROM snapshots WHERE image = ? LIMIT 1', image)?.['key'])
}

function hasNames(id: Digest, names: readonly string[]): StorageError {
  return new StorageError('ERR_IMAGE_HAS_NAMES', `cannot remove the image ${id}: it has several names (${names.join(', ')})`, {
    hint: 'Remove it by one of its names, or all of them by force.',
    details: { id, names },
  })
}

function inUse(id: Digest, key: string): StorageError {
  return new StorageError('ERR_IMAGE_IN_USE', `cannot remove the image ${id}: the snapshot ${key} is on it`, {
    hint: `Remove the container ${key} first.`,
    details: { id, key },
  })
}
