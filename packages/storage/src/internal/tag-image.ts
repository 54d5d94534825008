import type { TagOptions, UntagOptions } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { imageNotFound } from './images.ts'
import { rolledBack } from './dry-run.ts'
import { parseImageName, recordName } from './image-records.ts'
import { forgetDigests, readOnlyOr } from './remove-image.ts'
import { change, row, rows, type Store, text } from './store.ts'

/** Adds a name to an image, list or artifact, taking it from another that has it. */
export async function tagImage(store: Store, id: Digest, name: string, { manifest: asked }: TagOptions = {}): Promise<void> {
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
      if (asked !== undefined) {
        if (!belongsTo(store, id, asked)) throw imageNotFound(asked)
        return recordName(store, parsed, id, asked)
      }
      // The manifest that the last name led to: an index, if it came in by one.
      const sql = `SELECT coalesce(
        (SELECT manifest FROM names WHERE image = ?1 ORDER BY named_ms DESC LIMIT 1),
        (SELECT manifest FROM image_manifests JOIN manifests ON digest = manifest WHERE image = ?1 ORDER BY kind DESC LIMIT 1)) AS manifest`
      const manifest = row(store.database, sql, id)?.['manifest']
      if (typeof manifest === 'string') return recordName(store, parsed, id, manifest as Digest)
      if (!isNamedDocument(store, id)) throw readOnlyOr(store, id, imageNotFound(id))
      recordName(store, parsed, null, id)
    },
    { durable: true },
  )
}

function belongsTo(store: Store, image: Digest, manifest: Digest): boolean {
  return row(store.database, 'SELECT 1 FROM image_manifests WHERE image = ? AND manifest = ?', image, manifest) !== undefined
}

/** Takes names away; what they lead to stays. */
export async function untagImage(
  store: Store,
  id: Digest,
  names: readonly string[] | undefined,
  options: UntagOptions,
): Promise<readonly string[]> {
  const { database } = store
  const take = (): readonly string[] => {
    const isImage = row(store.database, 'SELECT 1 FROM images WHERE id = ?', id) !== undefined
    if (!isImage && !isNamedDocument(store, id)) throw readOnlyOr(store, id, imageNotFound(id))
    const own = namesOf(store, id)
    const gone = names === undefined || names.length === 0 ? [...own.keys()] : names
    const wrong = gone.find((name) => !own.has(name))
    if (wrong !== undefined) throw nameUnknown(id, wrong)
    if (!isImage && gone.length === own.size) throw lastName(id)
    for (const name of gone) change(store.database, 'DELETE FROM names WHERE name = ?', name)
    const left = new Set([...own].filter(([name]) => !gone.includes(name)).map(([, repository]) => repository))
    for (const repository of new Set(own.values())) if (isImage && !left.has(repository)) forgetDigests(store, id, repository)
    return gone
  }
  if (options.dryRun === true) return database.transaction(() => rolledBack(database, take), options)
  return database.transaction(take, { ...options, durable: true, makesRoom: true })
}

/** Names, and the repository of each. */
function namesOf(store: Store, id: Digest): Map<string, string> {
  const sql = 'SELECT name, repository FROM names WHERE image = ?1 OR (image IS NULL AND manifest = ?1) ORDER BY name'
  return new Map(rows(store.database, sql, id).map(({ name, repository }) => [text(name), text(repository)]))
}

/** Whether it is a list or an artifact. */
function isNamedDocument(store: Store, digest: Digest): boolean {
  return row(store.database, 'SELECT 1 FROM names WHERE manifest = ? AND image IS NULL', digest) !== undefined
}

function nameUnknown(id: Digest, name: string): StorageError {
  return new StorageError('ERR_IMAGE_NAME_UNKNOWN', `cannot take the name ${name} from the image ${id}: it does not have it`, {
    details: { id, name },
  })
}

/** Nothing but its names leads to a list or an artifact. */
function lastName(digest: Digest): StorageError {
  return new StorageError('ERR_IMAGE_NAME', `cannot take the last name from ${digest}: nothing else leads to a list or an artifact`, {
    hint: 'Remove it, or give it another name first.',
    details: { digest },
  })
}
