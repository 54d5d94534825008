import type { BlobProgress, ImageDestination, ImageSource } from '@podwright/contracts'
import { type AbortOptions, type Clock, emitProgress, type ProgressOptions } from '@podwright/conventions'
import type { Descriptor, Digest, Platform } from '@podwright/oci'
import { copyOneImage } from './internal/copy/one-image.ts'
import { type CopyPlan, defaultPlatform, planCopy } from './internal/copy/plan.ts'

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
export async function copyImage(source: ImageSource, destination: ImageDestination, given: CopyOptions = {}): Promise<CopyResult> {
  // Destinations may call it as it is.
  const onProgress = (event: CopyProgress): void => emitProgress(given.onProgress, event)
  const options = { ...given, onProgress }
  const { signal, platforms = 'one', platform: wanted } = options
  if (platforms === 'all' && wanted !== undefined) throw new TypeError('copyImage: platform and platforms: "all" contradict each other')
  const plan = await planCopy(source, { platform: wanted ?? defaultPlatform(), platforms, signal })
  onProgress({ type: 'copy:resolved', top: plan.top.descriptor, ...extentOf(plan) })
  const copied = new Set<Digest>()
  const images: CopiedImage[] = []
  let platformMismatch: PlatformMismatch | undefined
  for (const image of plan.images) {
    const work = { source, destination, image, copied, options, single: plan.indexes.length === 0 && platforms === 'one' }
    const result = await copyOneImage(work)
    images.push({ manifest: image.record.descriptor, platform: result.platform })
    platformMismatch ??= result.platformMismatch
  }
  const committed = await putIndexes(plan, destination, { signal, platforms })
  await destination.commit(committed, { signal, onProgress })
  return { top: plan.top.descriptor, committed, images, ...(platformMismatch !== undefined && { platformMismatch }) }
}

/** Puts the indexes that lead to the images, where the destination can hold them. @returns what its name shall lead to */
async function putIndexes(
  { top, images, indexes }: CopyPlan,
  destination: ImageDestination,
  { signal, platforms }: Pick<CopyOptions, 'signal' | 'platforms'>,
): Promise<Descriptor> {
  const only = images[0]
  if (platforms === 'one' && destination.sparseIndex === false && only !== undefined) return only.record.descriptor
  for (const index of indexes) await destination.putManifest(index, { signal })
  return top.descriptor
}

function extentOf({ images }: CopyPlan): { readonly layers: number; readonly sizeBytes: number } {
  const blobs = new Map(images.flatMap(({ manifest }) => [manifest.config, ...manifest.layers]).map(({ digest, size }) => [digest, size]))
  const layers = new Set(images.flatMap(({ manifest }) => manifest.layers.map(({ digest }) => digest)))
  return { layers: layers.size, sizeBytes: [...blobs.values()].reduce((sum, size) => sum + size, 0) }
}
