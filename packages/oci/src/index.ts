/**
 * OCI image, runtime and distribution documents: types and parsers, digests, references and platforms. Runs in Node and in browsers.
 *
 * @packageDocumentation
 */
export { chainIds } from './chain-ids.ts'
export { describe, encodeDocument } from './content.ts'
export { type Digest, type DigestAlgorithm, digestAlgorithm, digestHex, isDigest, parseDigest } from './digest.ts'
export {
  createDigester,
  type Digester,
  type DigesterFactory,
  digestOf,
  loadDigestAlgorithm,
  type LoadDigestAlgorithmOptions,
} from './digester.ts'
export type * from './documents.ts'
export { OciError, type OciErrorCode, ociErrorCodes } from './errors.ts'
export { parseImageConfig } from './image-config.ts'
export { type ParsedManifest, parseImageIndex, parseManifest } from './manifest.ts'
export {
  isForeignLayerMediaType,
  isImageConfigMediaType,
  isIndexMediaType,
  isLayerMediaType,
  isManifestMediaType,
  type LayerCompression,
  layerCompression,
  mediaTypes,
} from './media-types.ts'
export { formatPlatform, hostPlatform, normalizePlatform, parsePlatform } from './platform.ts'
export { matchPlatform, runsOn } from './platform-match.ts'
export {
  familiarName,
  formatReference,
  type NamedReference,
  normalizeReference,
  type NormalizeReferenceOptions,
  parseNamed,
  parseReference,
  type Reference,
} from './reference.ts'
export type * from './runtime-spec.ts'
