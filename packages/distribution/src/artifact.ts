import type { BlobProgress, ImageSource, OpenBlob } from '@podwright/contracts'
import { type AbortOptions, emitProgress, type ProgressOptions, systemClock } from '@podwright/conventions'
import {
  type Descriptor,
  digestAlgorithm,
  digestHex,
  type ImageManifest,
  loadDigestAlgorithm,
  mediaTypes,
  parseManifest,
} from '@podwright/oci'
import { join } from 'node:path'
import { titleAnnotation } from './artifact-source.ts'
import { DistributionError } from './errors.ts'
import { ancestorsOf, checkTitles } from './internal/artifact/titles.ts'
import { resumableBlob } from './internal/copy/resumable-blob.ts'
import { replaceFile } from './internal/layout/replace-file.ts'
import { verifiedChunks } from './internal/verified-chunks.ts'

/** An artifact, its blobs not yet read. */
export interface Artifact {
  readonly descriptor: Descriptor
  readonly manifest: ImageManifest
  /** As its manifest says, else its config's type. */
  readonly artifactType: string
  readonly blobs: readonly ArtifactBlob[]
}

/** A blob of an artifact. */
export interface ArtifactBlob {
  readonly descriptor: Descriptor
  /** What its file is called. Comes from whoever made the artifact: not a path to write to. */
  readonly title: string | undefined
  /** Its bytes, not verified; what breaks off is continued. */
  readonly open: OpenBlob
}

/** Options of `extractArtifact`. */
export interface ExtractArtifactOptions extends AbortOptions, ProgressOptions<BlobProgress> {
  /** Only the blobs of these titles or digests; one that is not there is an error. @default all */
  readonly only?: readonly string[] | undefined
}

/** A file that an artifact's blob became. */
export interface ExtractedFile {
  readonly path: string
  readonly descriptor: Descriptor
}

/**
 * Reads what an artifact has, from a registry, a layout or wherever it is.
 *
 * @throws DistributionError `ERR_ARTIFACT_INVALID` for an index; what the source and `parseManifest` throw
 */
export async function readArtifact(source: ImageSource, options: AbortOptions = {}): Promise<Artifact> {
  const { descriptor, bytes } = await source.manifest(undefined, options)
  const parsed = parseManifest(bytes, descriptor.mediaType)
  if (parsed.kind === 'index') {
    throw new DistributionError('ERR_ARTIFACT_INVALID', `cannot read the artifact ${source.reference}: it is an index`, {
      hint: 'Name one of those that it lists by its digest.',
      details: { available: parsed.index.manifests.map(({ digest }) => digest) },
    })
  }
  const { manifest } = parsed
  const blobs = manifest.layers.filter(({ mediaType }) => mediaType !== mediaTypes.ociEmpty)
  return {
    descriptor,
    manifest,
    artifactType: manifest.artifactType ?? manifest.config.mediaType,
    blobs: blobs.map((blob) => ({ descriptor: blob, title: blob.annotations?.[titleAnnotation], open: openerOf(source, blob) })),
  }
}

/**
 * Writes an artifact's blobs as files below a directory, verified, each under its name when it is whole; what had that name is replaced. A blob without a
 * title is called by its digest's hex. Names that would lead out of the directory are refused before anything is written.
 *
 * @throws DistributionError `ERR_ARTIFACT_INVALID`, `ERR_BLOB_DIGEST_MISMATCH`, `ERR_BLOB_SIZE_MISMATCH`; as `readArtifact`
 */
export async function extractArtifact(
  source: ImageSource,
  directory: string,
  options: ExtractArtifactOptions = {},
): Promise<readonly ExtractedFile[]> {
  const operation = `extract the artifact ${source.reference}`
  const { blobs } = await readArtifact(source, options)
  const wanted = choose(blobs, options.only, operation)
  const named = wanted.map((blob) => ({ blob, title: blob.title ?? digestHex(blob.descriptor.digest) }))
  checkTitles(
    named.map(({ title }) => title),
    operation,
  )
  for (const { title } of named) await requireDirectories(directory, title, operation)
  const files: ExtractedFile[] = []
  for (const { blob, title } of named) files.push(await writeBlob(blob, join(directory, ...title.split('/')), operation, options))
  return files
}

function openerOf(source: ImageSource, descriptor: Descriptor): OpenBlob {
  return resumableBlob(source, descriptor, { retries: 5, backoffMs: 500, clock: systemClock })
}

async function writeBlob(
  { descriptor, open }: ArtifactBlob,
  path: string,
  operation: string,
  options: ExtractArtifactOptions,
): Promise<ExtractedFile> {
  const { signal, onProgress } = options
  await loadDigestAlgorithm(digestAlgorithm(descriptor.digest))
  await replaceFile(path, verifiedChunks(descriptor, open, operation, { signal, onProgress }))
  emitProgress(onProgress, { type: 'blob:complete', descriptor })
  return { path, descriptor }
}

function choose(blobs: readonly ArtifactBlob[], only: readonly string[] | undefined, operation: string): readonly ArtifactBlob[] {
  if (only === undefined) return blobs
  return only.map((name) => {
    const found = blobs.find(({ title, descriptor }) => title === name || descriptor.digest === name)
    if (found !== undefined) return found
    throw new DistributionError('ERR_ARTIFACT_INVALID', `cannot ${operation}: it has no file ${JSON.stringify(name)}`, {
      details: { available: blobs.map(({ title, descriptor }) => title ?? descriptor.digest) },
    })
  })
}

/** A link among the directories that a name goes through could lead anywhere. */
async function requireDirectories(directory: string, title: string, operation: string): Promise<void> {
  const { lstat } = await import('node:fs/promises')
  for (const ancestor of ancestorsOf(title)) {
    const found = await lstat(join(directory, ...ancestor.split('/'))).catch(() => undefined)
    if (found === undefined || found.isDirectory()) continue
    throw new DistributionError('ERR_ARTIFACT_INVALID', `cannot ${operation}: ${ancestor} in ${directory} is not a directory`)
  }
}
