import type { DigestAlgorithm } from './digest.ts'
import { digestOf } from './digester.ts'
import type { Descriptor } from './documents.ts'

/**
 * Writes a document as bytes: UTF-8 JSON without white space, keys in the order that they were set. The same value gives the same bytes,
 * so that its digest is stable.
 */
export function encodeDocument(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

/**
 * The descriptor of bytes (image-spec v1.1, "Content Descriptors").
 *
 * @param algorithm default `sha256`
 * @throws OciError `ERR_DIGEST_ALGORITHM_NOT_LOADED`, see `createDigester`
 */
export function describe(bytes: Uint8Array, mediaType: string, algorithm: DigestAlgorithm = 'sha256'): Descriptor {
  return { mediaType, digest: digestOf(bytes, algorithm), size: bytes.byteLength }
}
