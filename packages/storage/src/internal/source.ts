import type { ImageSource, ManifestRecord } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { findArtifact } from './artifact-records.ts'
import { blobNotFound, blobStream, readBlob } from './blobs.ts'
import { findImage } from './find-image.ts'
import { descriptorOf, imageNotFound } from './images.ts'
import { holdItems, makeLease } from './leases.ts'
import { findList } from './find-list.ts'
import { isReadOnly } from './read-only.ts'
import { row, rows, type Store, text } from './store.ts'

/** What a reference leads to. */
export interface Top {
  /** Of the manifest or index. */
  readonly digest: Digest
  /** The image; undefined for a list or an artifact. */
  readonly image: Digest | undefined
}

/** Reads a stored image, list or artifact; a lease keeps it there meanwhile. */
export async function openSource(store: Store, reference: string): Promise<ImageSource> {
  // Where nothing can be written, nothing is collected either.
  const lease = await makeLease(store).catch((error: unknown) => {
    if (!isReadOnly(error)) throw error
  })
  try {
    const top = await findTop(store, reference)
    const kept = rows(store.database, keptQuery, top.digest, top.image ?? null).map(
      ({ digest }) => ['blob', text(digest) as Digest] as const,
    )
    if (lease !== undefined) await holdItems(store, lease, kept)
    return {
      reference: `storage:${reference}`,
      manifest: (digest = top.digest) => manifestRecord(store, digest),
      openBlob: async (descriptor, { offset = 0 } = {}) => ({ offset, chunks: blobStream(store, descriptor.digest, offset) }),
      [Symbol.asyncDispose]: async () => lease?.[Symbol.asyncDispose](),
    }
  } catch (error) {
    await lease?.[Symbol.asyncDispose]()
    throw error
  }
}

/** Everything below a manifest or index, and below the manifests of an image. */
const keptQuery = `
WITH RECURSIVE kept(digest) AS (
  SELECT ?1
  UNION SELECT manifest FROM image_manifests WHERE image = ?2
  UNION SELECT member.digest FROM kept JOIN manifest_references AS member ON member.manifest = kept.digest
)
SELECT digest FROM kept`

/** @throws `ERR_IMAGE_NOT_FOUND` */
export async function findTop(store: Store, reference: string): Promise<Top> {
  const image = findImage(store, reference)
  if (image !== undefined) return { digest: topOf(store, reference, image.id), image: image.id }
  const found = (await findList(store, reference)) ?? (await findArtifact(store, reference))
  if (found === undefined) throw imageNotFound(reference)
  return { digest: found.descriptor.digest, image: undefined }
}

/** What the reference names: the digest in it, or what its name was given to, else the image's manifest. */
function topOf(store: Store, reference: string, image: Digest): Digest {
  const at = reference.indexOf('@')
  if (at >= 0) return reference.slice(at + 1) as Digest
  const sql =
    "SELECT manifest FROM image_manifests JOIN manifests ON digest = manifest WHERE kind = 'manifest' AND image = ? ORDER BY 1 LIMIT 1"
  for (const { database } of [store, ...store.additional]) {
    const found = row(database, 'SELECT manifest FROM names WHERE name = ? AND image = ?', reference, image) ?? row(database, sql, image)
    if (found !== undefined) return text(found['manifest']) as Digest
  }
  throw imageNotFound(reference)
}

export async function manifestRecord(store: Store, digest: Digest): Promise<ManifestRecord> {
  for (const { database } of [store, ...store.additional]) {
    const columns = row(database, 'SELECT * FROM manifests WHERE digest = ?', digest)
    if (columns !== undefined) return { descriptor: descriptorOf(columns), bytes: await readBlob(store, digest) }
  }
  throw blobNotFound(digest)
}
