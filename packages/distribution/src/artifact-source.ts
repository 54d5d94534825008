import type { ImageSource, ManifestRecord } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { createDigester, describe, type Descriptor, type Digest, encodeDocument, type ImageManifest, mediaTypes } from '@podwright/oci'
import { basename } from 'node:path'
import { DistributionError } from './errors.ts'
import { checkTitles } from './internal/artifact/titles.ts'

/** A file that is to be a blob of an artifact. */
export interface ArtifactFile {
  readonly path: string
  /** Name to have when it is extracted; may have directories, parted by `/`. @default the path's last part */
  readonly title?: string | undefined
  /** @default 'application/octet-stream' */
  readonly mediaType?: string | undefined
  /** Besides the title. @default none */
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** Options of `createArtifactSource`. */
export interface ArtifactSourceOptions extends AbortOptions {
  /** What it is: `application/vnd.example+type`. @default 'application/vnd.unknown.artifact.v1', as podman and oras have it */
  readonly artifactType?: string | undefined
  /** Of the manifest. The same files with the same annotations are the same artifact: no time is added. @default none */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** The manifest that it refers to, in the repository that it will be in. @default none */
  readonly subject?: Descriptor | undefined
  /** @default empty JSON */
  readonly config?: { readonly mediaType: string; readonly bytes: Uint8Array } | undefined
}

/** The annotation that names a blob's file. */
export const titleAnnotation = 'org.opencontainers.image.title'

const emptyBytes = new TextEncoder().encode('{}')

/**
 * Makes an artifact of files (image-spec v1.1, "Guidelines for Artifact Usage"): each is a blob, none is packed. Each is read here once for its digest,
 * and again when it is copied; one that was changed in between is then refused. Push it with `copyImage`.
 *
 * @throws DistributionError `ERR_ARTIFACT_INVALID`
 */
export async function createArtifactSource(files: readonly ArtifactFile[], options: ArtifactSourceOptions = {}): Promise<ImageSource> {
  const named = files.map((file) => ({ ...file, title: file.title ?? basename(file.path) }))
  checkTitles(
    named.map(({ title }) => title),
    'make an artifact',
  )
  const blobs = new Map<Digest, Uint8Array | string>()
  const layers: Descriptor[] = []
  for (const file of named) {
    const layer = await describeFile(file, options)
    blobs.set(layer.digest, file.path)
    layers.push(layer)
  }
  const config = options.config ?? { mediaType: mediaTypes.ociEmpty, bytes: emptyBytes }
  const top = manifestOf(describe(config.bytes, config.mediaType), layers, options)
  blobs.set(describe(config.bytes, config.mediaType).digest, config.bytes)
  if (layers.length === 0) blobs.set(emptyDescriptor().digest, emptyBytes)
  return sourceOf(top, blobs)
}

function manifestOf(config: Descriptor, layers: readonly Descriptor[], options: ArtifactSourceOptions): ManifestRecord {
  const { artifactType = 'application/vnd.unknown.artifact.v1', subject, annotations } = options
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType,
    config,
    // Registries and clients exist that refuse a manifest without layers.
    layers: layers.length > 0 ? layers : [emptyDescriptor()],
    ...(subject !== undefined && { subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size } }),
    ...(annotations !== undefined && { annotations }),
  }
  const bytes = encodeDocument(manifest)
  return { descriptor: { ...describe(bytes, mediaTypes.ociManifest), artifactType }, bytes }
}

function emptyDescriptor(): Descriptor {
  return describe(emptyBytes, mediaTypes.ociEmpty)
}

async function describeFile(file: ArtifactFile & { readonly title: string }, { signal }: AbortOptions): Promise<Descriptor> {
  const { createReadStream } = await import('node:fs')
  const { stat } = await import('node:fs/promises')
  if (!(await stat(file.path)).isFile()) {
    throw new DistributionError('ERR_ARTIFACT_INVALID', `cannot make an artifact of ${file.path}: it is not a file`, {
      hint: 'Pack a directory into a tar first.',
      details: { path: file.path },
    })
  }
  const digester = createDigester('sha256')
  let size = 0
  for await (const chunk of createReadStream(file.path, { signal })) {
    digester.update(chunk as Uint8Array)
    size += (chunk as Uint8Array).byteLength
  }
  const annotations = { ...file.annotations, [titleAnnotation]: file.title }
  return { mediaType: file.mediaType ?? 'application/octet-stream', digest: digester.digest(), size, annotations }
}

function sourceOf(top: ManifestRecord, blobs: ReadonlyMap<Digest, Uint8Array | string>): ImageSource {
  const missing = (digest: Digest): never => {
    throw new DistributionError('ERR_ARTIFACT_INVALID', `cannot read ${digest} of an artifact made of files: it has no such part`)
  }
  return {
    reference: `artifact:${top.descriptor.digest}`,
    manifest: async (digest) => (digest === undefined || digest === top.descriptor.digest ? top : missing(digest)),
    openBlob: async ({ digest }, { offset = 0, signal } = {}) => {
      const blob = blobs.get(digest) ?? missing(digest)
      if (typeof blob !== 'string') return { offset, chunks: once(blob.subarray(offset)) }
      const { createReadStream } = await import('node:fs')
      return { offset, chunks: createReadStream(blob, { start: offset, signal }) as AsyncIterable<Uint8Array> }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
