import type { PruneStoredImagesOptions, RemovedImage, RemoveNameOptions, RemoveStoredImageOptions } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { withoutTag } from './find-image.ts'
import { forgetManifests } from './forget-manifests.ts'
import { imageNotFound, listOwnImages, readImage } from './images.ts'
import { allOf, carryOut, nothing, type Removal } from './removal.ts'
import { change, optionalText, row, rows, type Store, text } from './store.ts'

/** Takes a name, or a name with a digest, away; an image that has none left, and no snapshot, goes unless it is to be kept. */
export function removeName(store: Store, name: string, options: RemoveNameOptions): Promise<RemovedImage> {
  return carryOut(store, () => removedName(store, name, options.keepImage ?? false), options)
}

/**
 * Deletes an image with its names; a list or artifact, by its digest.
 *
 * @throws `ERR_IMAGE_NOT_FOUND`, `ERR_IMAGE_HAS_NAMES`, `ERR_IMAGE_IN_USE`, `ERR_IMAGE_READ_ONLY`
 */
export function removeImage(store: Store, id: Digest, options: RemoveStoredImageOptions): Promise<RemovedImage> {
  return carryOut(
    store,
    () => {
      const image = readImage(store, id)
      if (image === undefined) return removedDocument(store, id)
      if (image.names.length > 1 && options.force !== true) throw hasNames(id, image.names)
      const key = snapshotOn(store, id)
      if (key !== undefined) throw inUse(store, id, key)
      return deleteImage(store, id, [...image.names, ...image.digests])
    },
    options,
  )
}

/** Deletes all images that no snapshot is on and that are selected. */
export function pruneImages(store: Store, options: PruneStoredImagesOptions): Promise<RemovedImage> {
  const { select = ({ names }): boolean => names.length === 0, withoutSnapshots = [] } = options
  return carryOut(
    store,
    () => {
      // Undone with the rest of a dry run.
      if (options.dryRun === true) for (const key of withoutSnapshots) change(store.database, 'DELETE FROM snapshots WHERE key = ?', key)
      const unused = listOwnImages(store).filter(({ id }) => snapshotOn(store, id) === undefined)
      return allOf(unused.filter(select).map(({ id, names, digests }) => deleteImage(store, id, [...names, ...digests])))
    },
    options,
  )
}

/** Inside a transaction. */
function removedName(store: Store, name: string, keepImage: boolean): Removal {
  const { database } = store
  // The name of an artifact can have a digest.
  const named = row(database, 'DELETE FROM names WHERE name = ? RETURNING image, manifest', name)
  if (named === undefined) return removedDigest(store, name)
  const image = optionalText(named['image'])
  if (image === undefined) return documentUnnamed(store, text(named['manifest']) as Digest, [name])
  return keepImage ? { untagged: [name], deleted: [], suspects: nothing } : untagged(store, image as Digest, repositoryOf(name), name)
}

/** @throws `ERR_IMAGE_NOT_FOUND` */
function removedDigest(store: Store, name: string): Removal {
  const at = name.indexOf('@')
  const sql = 'DELETE FROM repository_digests WHERE repository = ? AND manifest = ? RETURNING image'
  const [found] = at < 0 ? [] : rows(store.database, sql, repositoryOf(name), name.slice(at + 1))
  if (found !== undefined) return untagged(store, text(found['image']) as Digest, repositoryOf(name), name)
  throw readOnlyOr(store, name, imageNotFound(name))
}

function repositoryOf(name: string): string {
  const at = name.indexOf('@')
  return withoutTag(at < 0 ? name : name.slice(0, at))
}

function untagged(store: Store, image: Digest, repository: string, name: string): Removal {
  const { database } = store
  const names = rows(database, 'SELECT repository FROM names WHERE image = ?', image)
  const gone = [name]
  if (!names.some((other) => other['repository'] === repository)) gone.push(...forgetDigests(store, image, repository))
  const digests = row(database, 'SELECT 1 FROM repository_digests WHERE image = ? LIMIT 1', image)
  if (names.length > 0 || digests !== undefined || snapshotOn(store, image) !== undefined) {
    return { untagged: gone, deleted: [], suspects: nothing }
  }
  return deleteImage(store, image, gone)
}

/** Without a tag in a repository, an image is no longer known by its digests there. */
export function forgetDigests(store: Store, image: Digest, repository: string): string[] {
  const sql = 'DELETE FROM repository_digests WHERE image = ? AND repository = ? RETURNING manifest'
  return rows(store.database, sql, image, repository).map(({ manifest }) => `${repository}@${text(manifest)}`)
}

/** All layers are suspects, also those above one that is missing. */
const layersBelow = `
WITH RECURSIVE chain(chain_id) AS (
  SELECT top_layer FROM images WHERE id = ? UNION ALL SELECT parent FROM chain JOIN layers USING (chain_id) WHERE parent IS NOT NULL
)
SELECT chain_id FROM chain WHERE chain_id IS NOT NULL`

function deleteImage(store: Store, id: Digest, gone: readonly string[]): Removal {
  const layers = rows(store.database, layersBelow, id).map((columns) => text(columns['chain_id']) as Digest)
  change(store.database, 'DELETE FROM images WHERE id = ?', id)
  const { blobs } = forgetManifests(store)
  return { untagged: [...new Set(gone)], deleted: [id], suspects: { blobs, layers } }
}

/** A list or artifact, with all its names. */
function removedDocument(store: Store, digest: Digest): Removal {
  const names = rows(store.database, 'DELETE FROM names WHERE manifest = ? AND image IS NULL RETURNING name', digest)
  if (names.length === 0) throw readOnlyOr(store, digest, imageNotFound(digest))
  return documentUnnamed(
    store,
    digest,
    names.map(({ name }) => text(name)),
  )
}

/** A list or artifact goes with its last name. */
function documentUnnamed(store: Store, digest: Digest, gone: readonly string[]): Removal {
  const kept = row(store.database, 'SELECT 1 FROM names WHERE manifest = ?', digest) !== undefined
  const suspects = forgetManifests(store)
  return { untagged: gone, deleted: kept ? [] : [digest], suspects }
}

export function snapshotOn(store: Store, image: Digest): string | undefined {
  return optionalText(row(store.database, 'SELECT key FROM snapshots WHERE image = ? LIMIT 1', image)?.['key'])
}

/** What is in an additional store is there, but not to be changed. */
export function readOnlyOr(store: Store, reference: string, otherwise: StorageError): StorageError {
  const sql = 'SELECT 1 FROM images WHERE id = ?1 UNION SELECT 1 FROM names WHERE name = ?1'
  const shelf = store.additional.find(({ database }) => row(database, sql, reference) !== undefined)
  if (shelf === undefined) return otherwise
  return new StorageError('ERR_IMAGE_READ_ONLY', `cannot change the image ${reference}: it is in the read-only store ${shelf.paths.root}`, {
    hint: 'Pull it, to have it in this storage too.',
    details: { reference, store: shelf.paths.root },
  })
}

function hasNames(id: Digest, names: readonly string[]): StorageError {
  return new StorageError('ERR_IMAGE_HAS_NAMES', `cannot remove the image ${id}: it has several names (${names.join(', ')})`, {
    hint: 'Remove it by one of its names, or all of them by force.',
    details: { id, names },
  })
}

function inUse(store: Store, id: Digest, key: string): StorageError {
  const isMount = row(store.database, 'SELECT 1 FROM mounts WHERE id = ? AND own_snapshot = 1', key) !== undefined
  return new StorageError(
    'ERR_IMAGE_IN_USE',
    `cannot remove the image ${id}: ${isMount ? 'it is mounted' : `the snapshot ${key} is on it`}`,
    {
      hint: isMount ? 'Unmount it first.' : `Remove the container ${key} first.`,
      details: { id, key },
    },
  )
}
