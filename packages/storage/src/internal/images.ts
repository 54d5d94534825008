import type { StoredImage } from '@podwright/contracts'
import type { Descriptor, Digest, Platform } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { layerChain } from './layers.ts'
import { optionalNumber, optionalText, type Row, row, rows, type Store, text } from './store.ts'

/** The image of that id. */
export function readImage(store: Store, id: Digest): StoredImage | undefined {
  const { database } = store
  const columns = row(database, 'SELECT * FROM images WHERE id = ?', id)
  if (columns === undefined) return undefined
  return storedImage(columns, {
    names: rows(database, 'SELECT name FROM names WHERE image = ? ORDER BY name', id),
    digests: rows(database, 'SELECT repository, manifest FROM repository_digests WHERE image = ? ORDER BY repository, manifest', id),
    manifests: rows(database, `${manifestQuery} AND image = ? ORDER BY digest`, id),
    layers: layerChain(store, optionalText(columns['top_layer'])).map(({ chainId }) => chainId),
  })
}

const manifestQuery = `SELECT * FROM image_manifests JOIN manifests ON digest = manifest WHERE kind = 'manifest'`

/** All images, the newest first: by their own date, then by when they came. */
export function listImages(store: Store): StoredImage[] {
  const { database } = store
  const names = byImage(rows(database, 'SELECT * FROM names WHERE image IS NOT NULL ORDER BY name'))
  const digests = byImage(rows(database, 'SELECT * FROM repository_digests ORDER BY repository, manifest'))
  const manifests = byImage(rows(database, `${manifestQuery} ORDER BY digest`))
  const parents = new Map(
    rows(database, "SELECT chain_id, parent FROM layers WHERE id_map = ''").map((columns) => [text(columns['chain_id']), columns]),
  )
  const images = rows(database, 'SELECT * FROM images ORDER BY created_ms DESC NULLS LAST, stored_ms DESC, id')
  return images.map((columns) => {
    const id = text(columns['id'])
    return storedImage(columns, {
      names: names.get(id) ?? [],
      digests: digests.get(id) ?? [],
      manifests: manifests.get(id) ?? [],
      layers: chainOf(parents, optionalText(columns['top_layer'])),
    })
  })
}

function byImage(all: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(all, (columns) => text(columns['image']))
}

function chainOf(parents: ReadonlyMap<string, Row>, top: string | undefined): Digest[] {
  const chain: Digest[] = []
  for (let id = top; id !== undefined; id = optionalText(parents.get(id)?.['parent'])) chain.push(id as Digest)
  return chain
}

interface ImageRows {
  readonly names: readonly Row[]
  readonly digests: readonly Row[]
  readonly manifests: readonly Row[]
  /** Topmost first. */
  readonly layers: readonly Digest[]
}

function storedImage(columns: Row, { names, digests, manifests, layers }: ImageRows): StoredImage {
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
