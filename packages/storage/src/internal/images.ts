import type { StoredImage } from '@podwright/contracts'
import type { Descriptor, Digest, ImageConfig, Platform } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { layerChain } from './layers.ts'
import { optionalNumber, optionalText, type Row, row, rows, type Shelf, type Store, text } from './store.ts'

/** The image of that id, in this storage. */
export function readImage(store: Store, id: Digest): StoredImage | undefined {
  return readShelfImage(store, store, id)
}

/** The image of that id, wherever it is. */
export function readAnyImage(store: Store, id: Digest): StoredImage | undefined {
  for (const shelf of [store, ...store.additional]) {
    const image = readShelfImage(store, shelf, id)
    if (image !== undefined) return image
  }
  return undefined
}

function readShelfImage(store: Store, shelf: Shelf, id: Digest): StoredImage | undefined {
  const { database } = shelf
  const columns = row(database, 'SELECT * FROM images WHERE id = ?', id)
  if (columns === undefined) return undefined
  return storedImage(columns, {
    names: rows(database, 'SELECT name FROM names WHERE image = ? ORDER BY name', id),
    digests: rows(database, 'SELECT repository, manifest FROM repository_digests WHERE image = ? ORDER BY repository, manifest', id),
    manifests: rows(database, `${manifestQuery} AND image = ? ORDER BY digest`, id),
    layers: layerChain(store, optionalText(columns['top_layer'])).map(({ chainId }) => chainId),
    additionalStore: shelf === store ? undefined : shelf.paths.root,
  })
}

/** @throws `ERR_IMAGE_NOT_FOUND` */
export function readConfig(store: Store, id: Digest): ImageConfig {
  for (const { database } of [store, ...store.additional]) {
    const found = row(database, 'SELECT config FROM images WHERE id = ?', id)
    if (found !== undefined) return JSON.parse(text(found['config'])) as ImageConfig
  }
  throw imageNotFound(id)
}

const manifestQuery = `SELECT * FROM image_manifests JOIN manifests ON digest = manifest WHERE kind = 'manifest'`

/** All images, the newest first: by their own date, then by when they came. What this storage has itself hides the same in additional ones. */
export function listImages(store: Store): StoredImage[] {
  const own = listOwnImages(store)
  if (store.additional.length === 0) return own
  const seen = new Set(own.map(({ id }) => id))
  const all = [...own]
  for (const shelf of store.additional) {
    const found = listShelf(store, shelf).filter(({ id }) => !seen.has(id))
    for (const { id } of found) seen.add(id)
    all.push(...found)
  }
  return all.toSorted((one, other) => (other.created?.getTime() ?? -Infinity) - (one.created?.getTime() ?? -Infinity))
}

/** Those that are not in an additional store. */
export function listOwnImages(store: Store): StoredImage[] {
  return listShelf(store, store)
}

function listShelf(store: Store, shelf: Shelf): StoredImage[] {
  const { database } = shelf
  const names = byImage(rows(database, 'SELECT * FROM names WHERE image IS NOT NULL ORDER BY name'))
  const digests = byImage(rows(database, 'SELECT * FROM repository_digests ORDER BY repository, manifest'))
  const manifests = byImage(rows(database, `${manifestQuery} ORDER BY digest`))
  const parents = parentsOf([store, ...store.additional])
  const images = rows(database, 'SELECT * FROM images ORDER BY created_ms DESC NULLS LAST, stored_ms DESC, id')
  return images.map((columns) => {
    const id = text(columns['id'])
    return storedImage(columns, {
      names: names.get(id) ?? [],
      digests: digests.get(id) ?? [],
      manifests: manifests.get(id) ?? [],
      layers: chainOf(parents, optionalText(columns['top_layer'])),
      additionalStore: shelf === store ? undefined : shelf.paths.root,
    })
  })
}

function byImage(all: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(all, (columns) => text(columns['image']))
}

/** The layer below each; null below the lowest. */
function parentsOf(shelves: readonly Shelf[]): Map<string, string | null> {
  const all = shelves.flatMap(({ database }) => rows(database, "SELECT chain_id, parent FROM layers WHERE id_map = ''"))
  return new Map(all.map((columns) => [text(columns['chain_id']), optionalText(columns['parent']) ?? null]))
}

function chainOf(parents: ReadonlyMap<string, string | null>, top: string | undefined): Digest[] {
  const chain: Digest[] = []
  for (let id = top ?? null; id !== null; id = parents.get(id) ?? null) chain.push(id as Digest)
  return chain
}

interface ImageRows {
  readonly names: readonly Row[]
  readonly digests: readonly Row[]
  readonly manifests: readonly Row[]
  /** Topmost first. */
  readonly layers: readonly Digest[]
  readonly additionalStore: string | undefined
}

function storedImage(columns: Row, { names, digests, manifests, layers, additionalStore }: ImageRows): StoredImage {
  const createdMs = optionalNumber(columns['created_ms'])
  return {
    id: text(columns['id']) as Digest,
    names: names.map(({ name }) => text(name)),
    digests: digests.map(({ repository, manifest }) => `${text(repository)}@${text(manifest)}`),
    manifests: manifests.map(descriptorOf),
    platform: JSON.parse(text(columns['platform'])) as Platform,
    created: createdMs === undefined ? undefined : new Date(createdMs),
    sizeBytes: optionalNumber(columns['size_bytes']) ?? 0,
    labels: JSON.parse(text(columns['labels'])) as Record<string, string>,
    layers: layers.toReversed(),
    ...(additionalStore !== undefined && { additionalStore }),
  }
}

/** Of a row of `manifests`. */
export function descriptorOf(columns: Row): Descriptor {
  return {
    mediaType: text(columns['media_type']),
    digest: text(columns['digest']) as Digest,
    size: optionalNumber(columns['size_bytes']) ?? 0,
  }
}

export function imageNotFound(reference: string): StorageError {
  return new StorageError('ERR_IMAGE_NOT_FOUND', `cannot find the image ${reference}: the storage has none of that name or id`, {
    details: { reference },
  })
}
