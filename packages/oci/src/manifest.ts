import type { ImageIndex, ImageManifest } from './documents.ts'
import { OciError } from './errors.ts'
import { parseJsonDocument, readingDocument } from './internal/json-document.ts'
import { indexSchema, manifestSchema } from './internal/manifest-schemas.ts'
import { parseWithSchema } from './internal/parse-with-schema.ts'
import { anyObject } from './internal/schema.ts'
import { isIndexMediaType, isManifestMediaType, mediaTypes } from './media-types.ts'

/** A document that a tag can name, and the media type that it counts as. */
export type ParsedManifest =
  | { readonly kind: 'manifest'; readonly manifest: ImageManifest; readonly mediaType: string }
  | { readonly kind: 'index'; readonly index: ImageIndex; readonly mediaType: string }

/** What servers say when they don't know: no word on what the document is. */
const meaninglessTypes: ReadonlySet<string> = new Set([
  '',
  'application/json',
  'application/octet-stream',
  'binary/octet-stream',
  'text/plain',
])

/**
 * Reads an image manifest or index, of OCI or Docker.
 *
 * @param expectedMediaType what a descriptor or a Content-Type header says it is; parameters after `;` are ignored
 * @throws OciError `ERR_DOCUMENT_INVALID`, `ERR_DOCUMENT_TOO_LARGE`, `ERR_DOCUMENT_AMBIGUOUS` (image-spec v1.1, manifest.md: a document with both
 *   `manifests` and `layers`, or one that contradicts `expectedMediaType`, must be refused), `ERR_MANIFEST_SCHEMA1`, `ERR_MANIFEST_TYPE_UNKNOWN`
 */
export function parseManifest(bytes: Uint8Array, expectedMediaType?: string): ParsedManifest {
  return readingDocument('image manifest', () => {
    const document = parseWithSchema(anyObject(), parseJsonDocument(bytes, 'image manifest'))
    const mediaType = mediaTypeOf(document, expectedMediaType)
    if (isIndexMediaType(mediaType)) return { kind: 'index', index: parseWithSchema(indexSchema(), document), mediaType }
    return { kind: 'manifest', manifest: parseWithSchema(manifestSchema(), document), mediaType }
  })
}

/**
 * Reads an image index, where nothing else may stand, as in a layout's index.json.
 *
 * @throws OciError as `parseManifest`; `ERR_DOCUMENT_INVALID` for a manifest
 */
export function parseImageIndex(bytes: Uint8Array, expectedMediaType: string = mediaTypes.ociIndex): ImageIndex {
  const parsed = parseManifest(bytes, expectedMediaType)
  if (parsed.kind === 'index') return parsed.index
  throw new OciError('ERR_DOCUMENT_INVALID', `cannot read the image index: it is a ${parsed.mediaType}`)
}

function mediaTypeOf(document: Readonly<Record<string, unknown>>, expectedMediaType: string | undefined): string {
  const claimed = typeof document['mediaType'] === 'string' ? document['mediaType'] : ''
  const served = (expectedMediaType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const expected = meaninglessTypes.has(served) ? '' : served
  refuseSchema1(document, [claimed, expected])
  refuseUnknown([claimed, expected])
  if (claimed !== '' && expected !== '' && claimed !== expected) {
    throw new OciError('ERR_DOCUMENT_AMBIGUOUS', `it calls itself ${claimed}, but came as ${expected}`)
  }
  const mediaType = claimed || expected || guess(document)
  refuseBoth(document, mediaType)
  return mediaType
}

function refuseSchema1(document: Readonly<Record<string, unknown>>, types: readonly string[]): void {
  const schema1: readonly string[] = [mediaTypes.dockerManifestV1, mediaTypes.dockerManifestV1Signed]
  if (document['schemaVersion'] !== 1 && !types.some((type) => schema1.includes(type))) return
  throw new OciError('ERR_MANIFEST_SCHEMA1', "it is of Docker's schema 1, which is not supported", {
    hint: 'Ask for the image to be pushed again with a current client, which writes schema 2 or OCI.',
  })
}

function refuseUnknown(types: readonly string[]): void {
  const unknown = types.find((type) => type !== '' && !isIndexMediaType(type) && !isManifestMediaType(type))
  if (unknown === undefined) return
  throw new OciError('ERR_MANIFEST_TYPE_UNKNOWN', `its type ${unknown} is not one of an image manifest or index`, {
    details: { mediaType: unknown },
  })
}

function guess(document: Readonly<Record<string, unknown>>): string {
  if (document['manifests'] !== undefined) return mediaTypes.ociIndex
  const config = document['config']
  if (typeof config === 'object' && config !== null) {
    return 'mediaType' in config && config.mediaType === mediaTypes.dockerConfig ? mediaTypes.dockerManifest : mediaTypes.ociManifest
  }
  throw new OciError('ERR_DOCUMENT_INVALID', 'it has neither a media type nor the keys of a manifest or index')
}

/** CVE-2021-41190: one client takes it for a manifest, another for an index, under the same digest. */
function refuseBoth(document: Readonly<Record<string, unknown>>, mediaType: string): void {
  const foreign = isIndexMediaType(mediaType) ? ['layers', 'config', 'fsLayers'] : ['manifests', 'fsLayers']
  const found = foreign.find((key) => document[key] !== undefined)
  if (found === undefined) return
  throw new OciError('ERR_DOCUMENT_AMBIGUOUS', `it is a ${mediaType}, yet has "${found}", so that it can be taken for another kind`)
}
