import type { StoredList } from '@podwright/contracts'
import { type Descriptor, parseManifest } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { readBlob } from './blobs.ts'
import { withoutTag } from './find-image.ts'
import { descriptorOf } from './images.ts'
import { row, rows, type Store, text } from './store.ts'

/** By name, by name with the digest, or by digest. */
export async function findList(store: Store, reference: string): Promise<StoredList | undefined> {
  const at = reference.indexOf('@')
  const sql = `SELECT manifests.* FROM ${lists} AND `
  const columns =
    at >= 0
      ? row(store.database, `${sql} repository = ? AND digest = ?`, withoutTag(reference.slice(0, at)), reference.slice(at + 1))
      : row(store.database, `${sql} (name = ?1 OR digest = ?1)`, reference)
  return columns === undefined ? undefined : storedList(store, descriptorOf(columns))
}

export async function listLists(store: Store): Promise<StoredList[]> {
  const found = rows(store.database, `SELECT manifests.*, min(name) AS first FROM ${lists} GROUP BY digest ORDER BY first`)
  const all: StoredList[] = []
  for (const columns of found) all.push(await storedList(store, descriptorOf(columns)))
  return all
}

const lists = "names JOIN manifests ON digest = manifest WHERE image IS NULL AND kind = 'index'"

async function storedList(store: Store, descriptor: Descriptor): Promise<StoredList> {
  const parsed = parseManifest(await readBlob(store, descriptor.digest), descriptor.mediaType)
  if (parsed.kind !== 'index')
    throw new StorageError('ERR_IMAGE_INVALID', `cannot read the manifest list ${descriptor.digest}: it is a manifest`)
  const names = rows(
    store.database,
    'SELECT name, named_ms FROM names WHERE manifest = ? AND image IS NULL ORDER BY name',
    descriptor.digest,
  )
  return {
    descriptor,
    names: names.map(({ name }) => text(name)),
    index: parsed.index,
    changed: new Date(Math.max(0, ...names.map((columns) => Number(columns['named_ms'])))),
  }
}
