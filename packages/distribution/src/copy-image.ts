import type { BlobProgress, ImageDestination, ImageSource } from '@podwright/contracts'
import type { AbortOptions, Clock, ProgressOptions } from '@podwright/conventions'
import type { Descriptor, Platform } from '@podwright/oci'

/** What happens during a copy. */
export type CopyProgress =
  | BlobProgress
  /** The manifests to copy are known. `sizeBytes` counts each blob once, those included that are there already. */
  | { readonly type: 'copy:resolved'; readonly top: Descriptor; readonly layers: number; readonly sizeBytes: number }

/** Options of `copyImage`. */
export interface CopyOptions extends AbortOptions, ProgressOptions<CopyProgress> {
  /**
   * Of an index, the image to copy. An image that is there for one platform only must then be for this one.
   *
   * @default linux on this machine's architecture; an image for another platform is copied, and the result says so
   */
  readonly platform?: Platform | undefined
  /** `all`: every image of an index, and all else that it lists. Contradicts `platform`. @default 'one' */
  readonly platforms?: 'one' | 'all' | undefined
  /** Blobs under way at a time. @default 6 */
  readonly concurrency?: number | undefined
  /** How often a blob that breaks off is taken up again without 1 MiB of progress in between. @default 5 */
  readonly retries?: number | undefined
  /** First pause before taking up again; doubled each time, with jitter, up to 30 seconds. @default 500 */
  readonly backoffMs?: number | undefined
  /** For back-off. @default the machine's */
  readonly clock?: Clock | undefined
}

/** An image that was not made for the platform it was fetched for. */
export interface PlatformMismatch {
  readonly wanted: Platform
  readonly found: Platform
}

/** One image that was copied. */
export interface CopiedImage {
  readonly manifest: Descriptor
  /** As the index or the config says. Undefined for what is no image. */
  readonly platform: Platform | undefined
}

/** What `copyImage` came to. */
export interface CopyResult {
  /** What the source's reference names: an index or a manifest. */
  readonly top: Descriptor
  /** What the destination's name now leads to: `top`, or its one manifest where the destination can't hold a part of an index. */
  readonly committed: Descriptor
  /** In the order of the index. */
  readonly images: readonly CopiedImage[]
  /** Set when no platform was asked for and the only image there is isn't for this machine. */
  readonly platformMismatch?: PlatformMismatch | undefined
}

/**
 * Copies an image: manifests and blobs byte for byte, each blob once, those that are there not at all, several at a time. A blob that breaks off is
 * continued where it broke. The first failure calls off the rest. Neither end is disposed of.
 *
 * @throws `ERR_PLATFORM_NOT_FOUND`, and what the source, the destination and `OciError` throw
 */
export async function copyImage(_source: ImageSource, _destination: ImageDestination, _options: CopyOptions = {}): Promise<CopyResult> {
  throw new Error('pending')
}
