import type { ManifestRecord } from '@podwright/contracts'
import { type Descriptor, describe, type Digest, encodeDocument, mediaTypes } from '@podwright/oci'
import type { ImageFormat } from '../layer-types.ts'
import { formatOf } from './conversion.ts'

/** BuildKit's attestations name the image that they are about in their descriptor. */
export const attestedAnnotation = 'vnd.docker.reference.digest'

type Json = Readonly<Record<string, unknown>>

/** An image's manifest with other layers, in another format, or both. What the format has no place for, such as annotations in schema 2, is dropped. */
export function rewriteManifest({ descriptor, bytes }: ManifestRecord, format: ImageFormat, layers: readonly Descriptor[]): ManifestRecord {
  const document = documentOf(bytes)
  const types = {
    oci: [mediaTypes.ociManifest, mediaTypes.ociConfig],
    docker: [mediaTypes.dockerManifest, mediaTypes.dockerConfig],
  } as const
  const [mediaType, configType] = types[format]
  const config = { ...(document['config'] as Json), mediaType: configType }
  if (format === formatOf(descriptor.mediaType)) return recordOf({ ...document, layers }, descriptor.mediaType)
  return recordOf(
    format === 'docker'
      ? { schemaVersion: 2, mediaType, config: bare(config), layers: layers.map((layer) => bare(layer)) }
      : { ...document, schemaVersion: 2, mediaType, config, layers },
    mediaType,
  )
}

/**
 * An index with some of its entries, those replaced that changed.
 *
 * @param chosen entries of the index, in its order
 * @param replaced what became of manifests that changed, by their old digests
 */
export function rewriteIndex(
  { descriptor, bytes }: ManifestRecord,
  format: ImageFormat,
  chosen: readonly Descriptor[],
  replaced: ReadonlyMap<Digest, Descriptor>,
): ManifestRecord {
  const mediaType = format === 'docker' ? mediaTypes.dockerManifestList : mediaTypes.ociIndex
  const manifests = chosen.map((entry) => rewriteEntry(entry, replaced))
  if (format === 'docker' && formatOf(descriptor.mediaType) !== 'docker') {
    return recordOf(
      { schemaVersion: 2, mediaType, manifests: manifests.map((entry) => ({ ...bare(entry), platform: entry.platform })) },
      mediaType,
    )
  }
  return recordOf({ ...documentOf(bytes), schemaVersion: 2, mediaType, manifests }, mediaType)
}

function rewriteEntry(entry: Descriptor, replaced: ReadonlyMap<Digest, Descriptor>): Descriptor {
  const now = replaced.get(entry.digest)
  const attested = replaced.get((entry.annotations?.[attestedAnnotation] ?? '') as Digest)
  return {
    ...entry,
    ...(now !== undefined && { mediaType: now.mediaType, digest: now.digest, size: now.size }),
    ...(attested !== undefined && { annotations: { ...entry.annotations, [attestedAnnotation]: attested.digest } }),
  }
}

/** What schema 2 has of a descriptor. */
function bare(descriptor: Json | Descriptor): Json {
  const { mediaType, size, digest, urls } = descriptor as Descriptor
  return { mediaType, size, digest, ...(urls !== undefined && { urls }) }
}

function documentOf(bytes: Uint8Array): Json {
  return JSON.parse(new TextDecoder().decode(bytes)) as Json
}

function recordOf(document: Json, mediaType: string): ManifestRecord {
  const bytes = encodeDocument(document)
  return { descriptor: describe(bytes, mediaType), bytes }
}
