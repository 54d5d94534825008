import type { AbortOptions } from '@podwright/conventions'
import type { StoredArtifact } from '@podwright/contracts'
import { type Descriptor, type Digest, type ImageManifest, parseManifest } from '@podwright/oci'
import { StorageError } from '../errors.ts'
import { readBlob } from './blobs.ts'
import { withoutTag } from './find-image.ts'
import { forgetManifests } from './forget-manifests.ts'
import { parseImageName, recordArtifact, recordName } from './image-records.ts'
import { descriptorOf } from './images.ts'
import { optionalText, row, rows, type Store, text } from './store.ts'
import { sweep } from './sweep.ts'

/** An artifact that gets names. */
export interface NewArtifact {
  readonly descriptor: Descriptor
  readonly manifest: ImageManifest
  readonly names: readonly string[]
  /** What the first name must lead to now: `null` for nothing; undefined for whatever. */
  readonly expected: Digest | null | undefined
}

/**
 * Makes an artifact visible under its names; what they led to before may go.
 *
 * @returns whether the name led to what was expected
 */
export async function recordNamedArtifact(store: Store, artifact: NewArtifact, options: AbortOptions): Promise<boolean> {
  const { descriptor, manifest, names, expected } = artifact
  const outcome = await store.database.transaction(
    () => {
      const before = optionalText(
        row(store.database, 'SELECT manifest FROM names WHERE name = ?', artifactName(names[0] ?? '').name)?.['manifest'],
      )
      if (expected !== undefined && (before ?? null) !== expected) return undefined
      recordArtifact(store, descriptor, manifest)
      for (const name of names) recordName(store, artifactName(name), null, descriptor.digest)
      return forgetManifests(store)
    },
    { ...options, durable: true },
  )
  if (outcome !== undefined) await sweep(store, outcome, options)
  return outcome !== undefined
}

/** Unlike an image's, the name of an artifact that has a digest leads to it: nothing else does. */
export function artifactName(name: string): { readonly repository: string; readonly name: string } {
  const { repository, name: tagged } = parseImageName(name)
  return { repository, name: tagged ?? `${repository}${name.slice(name.indexOf('@'))}` }
}

/** By name, name with digest, digest, or the beginning of one. */
export async function findArtifact(store: Store, reference: string): Promise<StoredArtifact | undefined> {
  const digest = artifactDigest(store, reference)
  const columns =
    digest === undefined ? undefined : row(store.database, "SELECT * FROM manifests WHERE kind = 'artifact' AND digest = ?", digest)
  return columns === undefined ? undefined : storedArtifact(store, descriptorOf(columns))
}

const namedArtifacts = "names JOIN manifests ON digest = manifest WHERE image IS NULL AND kind = 'artifact'"

function artifactDigest(store: Store, reference: string): string | undefined {
  const { database } = store
  const named = row(database, `SELECT manifest FROM ${namedArtifacts} AND name = ?`, reference)
  if (named !== undefined) return text(named['manifest'])
  const at = reference.indexOf('@')
  if (at >= 0) {
    const sql = `SELECT manifest FROM ${namedArtifacts} AND repository = ? AND manifest = ?`
    return optionalText(row(database, sql, withoutTag(reference.slice(0, at)), reference.slice(at + 1))?.['manifest'])
  }
  const [, hex] = /^(?:sha256:)?([0-9a-f]{1,64})$/.exec(reference) ?? []
  if (hex === undefined) return undefined
  const sql = `SELECT DISTINCT manifest FROM ${namedArtifacts} AND manifest >= ? AND manifest < ? LIMIT 2`
  const found = rows(database, sql, `sha256:${hex}`, `sha256:${hex}g`)
  if (found.length > 1) throw ambiguous(hex)
  return optionalText(found[0]?.['manifest'])
}

export async function listArtifacts(store: Store): Promise<StoredArtifact[]> {
  const found = rows(store.database, `SELECT manifests.*, min(name) AS first FROM ${namedArtifacts} GROUP BY digest ORDER BY first`)
  const all: StoredArtifact[] = []
  for (const columns of found) all.push(await storedArtifact(store, descriptorOf(columns)))
  return all
}

async function storedArtifact(store: Store, descriptor: Descriptor): Promise<StoredArtifact> {
  const parsed = parseManifest(await readBlob(store, descriptor.digest), descriptor.mediaType)
  if (parsed.kind !== 'manifest')
    throw new StorageError('ERR_IMAGE_INVALID', `cannot read the artifact ${descriptor.digest}: it is an index`)
  const found = rows(store.database, 'SELECT * FROM names WHERE manifest = ? AND image IS NULL ORDER BY name', descriptor.digest)
  const names = found.map(({ name }) => text(name)).filter((name) => !name.includes('@'))
  const digests = new Set(found.map(({ repository }) => `${text(repository)}@${descriptor.digest}`))
  const { manifest } = parsed
  return {
    descriptor,
    names,
    digests: [...digests].toSorted(),
    manifest,
    sizeBytes: manifest.layers.reduce((sum, { size }) => sum + size, 0),
    changed: new Date(Math.max(0, ...found.map((columns) => Number(columns['named_ms'])))),
  }
}

function ambiguous(hex: string): StorageError {
  return new StorageError('ERR_IMAGE_AMBIGUOUS', `cannot tell which artifact ${hex} is: the digests of several begin so`, {
    hint: 'Type more of the digest.',
    details: { prefix: hex },
  })
}
