import type { ImageSource, ManifestRecord } from '@podwright/contracts'
import type { Descriptor, Digest } from '@podwright/oci'
import { blobNotFound, blobStream, readBlob } from './blobs.ts'
import { findImage } from './find-image.ts'
import { descriptorOf, imageNotFound } from './images.ts'
import { holdItems, makeLease } from './leases.ts'
import { row, rows, type Store, text } from './store.ts'

/** Reads a stored image; a lease keeps it there meanwhile. */
export async function openSource(store: Store, reference: string): Promise<ImageSource> {
  const lease = await makeLease(store)
  try {
    const image = findImage(store, reference)
    if (image === undefined) throw imageNotFound(reference)
    const top = topOf(store, reference, image.id)
    const kept = rows(store.database, keptQuery, image.id, image.id).map(({ digest }) => ['blob', text(digest) as Digest] as const)
    await holdItems(store, lease, kept)
    return {
      reference: `storage:${reference}`,
      manifest: (digest = top) => manifestOf(store, digest),
      openBlob: async (descriptor, { offset = 0 } = {}) => ({ offset, chunks: blobStream(store, descriptor.digest, offset) }),
      [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose](),
    }
  } catch (error) {
    await lease[Symbol.asyncDispose]()
    throw error
  }
}

const keptQuery = `
SELECT manifest AS digest FROM image_manifests WHERE image = ?
UNION SELECT digest FROM image_manifests JOIN manifest_references USING (manifest) WHERE image = ?`

/** What the reference names: the digest in it, or what its name was given to, else the image's manifest. */
function topOf(store: Store, reference: string, image: Digest): Digest {
  const at = reference.indexOf('@')
  if (at >= 0) return reference.slice(at + 1) as Digest
  const named = row(store.database, 'SELECT manifest FROM names WHERE name = ?', reference)
  const sql =
    "SELECT manifest FROM image_manifests JOIN manifests ON digest = manifest WHERE kind = 'manifest' AND image = ? ORDER BY 1 LIMIT 1"
  return text((named ?? row(store.database, sql, image))?.['manifest']) as Digest
}

async function manifestOf(store: Store, digest: Digest): Promise<ManifestRecord> {
  const columns = row(store.database, 'SELECT * FROM manifests WHERE digest = ?', digest)
  if (columns === undefined) throw blobNotFound(digest)
  const descriptor: Descriptor = descriptorOf(columns)
  return { descriptor, bytes: await readBlob(store, digest) }
}
