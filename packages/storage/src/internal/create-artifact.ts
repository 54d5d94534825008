import type { AbortOptions } from '@podwright/conventions'
import type { ArtifactFile, CreateArtifactOptions, Lease, StoredArtifact } from '@podwright/contracts'
import { type Descriptor, type Digest, describe, encodeDocument, type ImageManifest, mediaTypes } from '@podwright/oci'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { StorageError } from '../errors.ts'
import { artifactName, findArtifact, recordNamedArtifact } from './artifact-records.ts'
import { holdItems, makeLease } from './leases.ts'
import { newBlobOf, putDocument } from './new-blob.ts'
import { row, type Store } from './store.ts'

/** image-spec v1.1, "Guidelines for Artifact Usage": what tools write when nobody says what it is. */
const unknownType = 'application/vnd.unknown.artifact.v1'
const titleAnnotation = 'org.opencontainers.image.title'

/** Makes an artifact of files, or adds files to one. */
export async function createArtifact(
  store: Store,
  name: string,
  files: readonly ArtifactFile[],
  options: CreateArtifactOptions,
): Promise<StoredArtifact> {
  const full = artifactName(name).name
  if (full.includes('@'))
    throw new StorageError('ERR_IMAGE_NAME', `cannot make the artifact ${name}: its digest isn't known yet`, {
      hint: 'Use a name with a tag.',
    })
  await using lease = await makeLease(store, { signal: options.signal })
  const layers: Descriptor[] = []
  for (const file of files) layers.push(await putFile(store, lease, file, options))
  for (;;) {
    const before = await artifactBefore(store, full, options)
    const manifest = await manifestOf(store, lease, before?.manifest, layers, options)
    const record = {
      ...manifest,
      names: [full],
      expected: before?.descriptor.digest ?? (options.existing === 'replace' ? undefined : null),
    }
    // Somebody else changed it meanwhile: once more, on top of that.
    if (!(await recordNamedArtifact(store, record, options))) continue
    const made = await findArtifact(store, full)
    if (made !== undefined) return made
  }
}

/** The artifact that files are added to. @throws `ERR_ARTIFACT_EXISTS`, `ERR_ARTIFACT_NOT_FOUND` */
async function artifactBefore(
  store: Store,
  name: string,
  { existing = 'refuse' }: CreateArtifactOptions,
): Promise<StoredArtifact | undefined> {
  const before = await findArtifact(store, name)
  const taken = row(store.database, 'SELECT 1 FROM names WHERE name = ?', name) !== undefined
  if (taken && (before === undefined || existing === 'refuse')) {
    throw new StorageError(
      'ERR_ARTIFACT_EXISTS',
      `cannot make the artifact ${name}: ${before === undefined ? 'an image or a list has' : 'there is one of'} that name`,
      {
        hint: before === undefined ? 'Use another name.' : 'Append to it, or replace it.',
        details: { name },
      },
    )
  }
  if (existing !== 'append') return undefined
  if (before !== undefined) return before
  throw new StorageError('ERR_ARTIFACT_NOT_FOUND', `cannot append to the artifact ${name}: the storage has none of that name`, {
    details: { name },
  })
}

async function putFile(store: Store, lease: Lease, file: ArtifactFile, options: AbortOptions): Promise<Descriptor> {
  const { content, mediaType = 'application/octet-stream', annotations } = file
  const title = file.title ?? (typeof content === 'string' ? basename(content) : undefined)
  const bytes = typeof content === 'string' ? createReadStream(content, { highWaterMark: 2 ** 18 }) : content
  const facts = await newBlobOf(store, lease, bytes, options)
  const all = { ...annotations, ...(title !== undefined && { [titleAnnotation]: title }) }
  return { mediaType, ...facts, ...(Object.keys(all).length > 0 && { annotations: all }) }
}

async function manifestOf(
  store: Store,
  lease: Lease,
  before: ImageManifest | undefined,
  added: readonly Descriptor[],
  options: CreateArtifactOptions,
): Promise<{ readonly descriptor: Descriptor; readonly manifest: ImageManifest }> {
  const empty = new TextEncoder().encode('{}')
  const config = describe(empty, mediaTypes.ociEmpty)
  const replaced = new Set(added.map(titleOf).filter((title) => title !== undefined))
  const kept = (before?.layers ?? []).filter((layer) => !replaced.has(titleOf(layer) ?? ''))
  const annotations = { ...before?.annotations, ...options.annotations }
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: options.artifactType ?? before?.artifactType ?? unknownType,
    config,
    layers: [...kept, ...added],
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
  const bytes = encodeDocument(manifest)
  const descriptor = describe(bytes, mediaTypes.ociManifest)
  await holdItems(
    store,
    lease,
    kept.map(({ digest }): readonly ['blob', Digest] => ['blob', digest]),
    options,
  )
  await putDocument(store, lease, { descriptor: config, bytes: empty }, options)
  await putDocument(store, lease, { descriptor, bytes }, options)
  return { descriptor, manifest }
}

function titleOf({ annotations }: Descriptor): string | undefined {
  return annotations?.[titleAnnotation]
}
