import type { Digest } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { imageNotFound } from './images.ts'
import { parseImageName, recordName } from './image-records.ts'
import { row, type Store, text } from './store.ts'

/** Adds a name to an image, taking it from another that has it. */
export async function tagImage(store: Store, id: Digest, name: string): Promise<void> {
  const parsed = parseImageName(name)
  if (parsed.name === undefined) {
    throw new StorageError(
      'ERR_IMAGE_NAME',
      `cannot give an image the name ${name}: a name with a digest says where a manifest came from`,
      {
        hint: 'Use a name with a tag.',
      },
    )
  }
  await store.database.transaction(
    () => {
      // The manifest that the last name led to: an index, if it came in by one.
      const sql = `SELECT coalesce(
        (SELECT manifest FROM names WHERE image = ?1 ORDER BY named_ms DESC LIMIT 1),
        (SELECT manifest FROM image_manifests JOIN manifests ON digest = manifest WHERE image = ?1 ORDER BY kind DESC LIMIT 1)) AS manifest`
      const manifest = row(store.database, sql, id)?.['manifest']
      if (typeof manifest !== 'string') throw imageNotFound(id)
      recordName(store, parsed, id, text(manifest) as Digest)
    },
    { durable: true },
  )
}
