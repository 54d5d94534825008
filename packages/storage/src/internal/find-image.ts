import type { StoredImage } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { readAnyImage } from './images.ts'
import { row, rows, type Shelf, type Store, text } from './store.ts'

const idGrammar = /^(?:sha256:)?([0-9a-f]{1,64})$/

/**
 * Finds an image by full name with tag, by name with the digest of a manifest or index (a tag beside it is ignored, as docker does), by id or by
 * the beginning of one.
 *
 * @throws `ERR_IMAGE_AMBIGUOUS`
 */
export function findImage(store: Store, reference: string): StoredImage | undefined {
  for (const shelf of [store, ...store.additional]) {
    const id = findId(shelf, reference)
    if (id !== undefined) return readAnyImage(store, id as Digest)
  }
  return undefined
}

function findId(store: Shelf, reference: string): string | undefined {
  const at = reference.indexOf('@')
  if (at >= 0) return idByDigest(store, withoutTag(reference.slice(0, at)), reference.slice(at + 1))
  const named = row(store.database, 'SELECT image FROM names WHERE name = ? AND image IS NOT NULL', reference)
  if (named !== undefined) return text(named['image'])
  const [, hex] = idGrammar.exec(reference) ?? []
  return hex === undefined ? undefined : idByPrefix(store, hex)
}

/** An index can have brought several images, one for each platform; the last one asked for is meant. */
function idByDigest(store: Shelf, repository: string, digest: string): string | undefined {
  const sql = 'SELECT image FROM repository_digests WHERE repository = ? AND manifest = ? ORDER BY named_ms DESC LIMIT 1'
  const found = row(store.database, sql, repository, digest)
  return found === undefined ? undefined : text(found['image'])
}

function idByPrefix(store: Shelf, hex: string): string | undefined {
  // 'g' sorts right after the digits.
  const sql = 'SELECT id FROM images WHERE id >= ? AND id < ? LIMIT 2'
  const ids = rows(store.database, sql, `sha256:${hex}`, `sha256:${hex}g`).map(({ id }) => text(id))
  if (ids.length > 1) {
    throw new StorageError('ERR_IMAGE_AMBIGUOUS', `cannot tell which image ${hex} is: the ids of several begin so`, {
      hint: 'Type more of the id.',
      details: { prefix: hex },
    })
  }
  return ids[0]
}

/** The repository of a name: a colon after the last slash begins its tag. */
export function withoutTag(name: string): string {
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1)
  return colon < 0 ? name : name.slice(0, colon)
}
