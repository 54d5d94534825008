import { PodwrightError } from '@podwright/conventions'

/** Every code that this package throws, and what it means. */
export const ociErrorCodes = {
  ERR_DIGEST_INVALID: 'text is not a digest: `algorithm:hex`, with the length that the algorithm has',
  ERR_DIGEST_ALGORITHM_UNKNOWN: 'a digest is well formed, but of an algorithm other than sha256, sha384, sha512 and blake3',
  ERR_DIGEST_ALGORITHM_NOT_LOADED: 'the digest algorithm is not built into this platform and was not loaded before',
  ERR_REFERENCE_INVALID: 'text is not an image reference; the message names the part and the rule',
  ERR_REFERENCE_SHORT: 'a reference has no registry, where a full one is needed',
  ERR_PLATFORM_INVALID: 'text is not a platform such as `linux/arm64/v8`',
  ERR_DOCUMENT_INVALID: 'a manifest, index or config is not JSON, or a field is missing or of the wrong type',
  ERR_DOCUMENT_TOO_LARGE: 'a manifest, index or config is larger than 4 MiB',
  ERR_DOCUMENT_AMBIGUOUS: 'a document can be read as both a manifest and an index, or contradicts the type that it was served as',
  ERR_MANIFEST_SCHEMA1: "the manifest is of Docker's schema 1, which is not supported",
  ERR_MANIFEST_TYPE_UNKNOWN: 'the media type is not one of an image manifest or index',
} as const

/** Codes of `OciError`. */
export type OciErrorCode = keyof typeof ociErrorCodes

/** What this package throws. */
export class OciError extends PodwrightError<OciErrorCode> {}
