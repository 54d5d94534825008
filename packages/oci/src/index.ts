/**
 * OCI image, runtime and distribution documents.
 *
 * @packageDocumentation
 */
export type { Digest } from './digest.ts'
export type * from './documents.ts'
export { mediaTypes } from './media-types.ts'
export type * from './runtime-spec.ts'
