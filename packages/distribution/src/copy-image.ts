import type { BlobProgress, ImageDestination, ImageSource } from '@podwright/contracts'
import { type AbortOptions, type Clock, emitProgress, type ProgressOptions } from '@podwright/conventions'
import { type Descriptor, type Digest, parsePlatform, type Platform } from '@podwright/oci'
import { arrangeIndexes, putIndexes } from './internal/copy/indexes.ts'
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
  /**
   * Of an index, the images to copy: `all`, and all else that it lists; or those for a list of platforms, `['linux/amd64', 'linux/arm64']`, with what attests
   * them. Where the destination can't hold a part of an index, the index is made smaller and has another digest. Contradicts `platform`.
   *
   * @default 'one'
   */
  readonly platforms?: 'one' | 'all' | readonly (string | Platform)[] | undefined
  /** Of manifests and indexes: OCI, or Docker's schema 2. The config, and so the image's id, stays. @default the source's, where the destination can hold it */
  readonly format?: 'oci' | 'docker' | undefined
  /** Of layers; those that are packed otherwise are packed anew. `zstd` makes the image an OCI one. @default the source's, where the destination can hold it */
  readonly compression?: 'none' | 'gzip' | 'zstd' | undefined
  /** gzip: 1 to 9; zstd: 1 to 22. @default 6 for gzip, 3 for zstd */
  readonly compressionLevel?: number | undefined
  /** True: what would change a digest is an error (`ERR_DIGESTS_NOT_PRESERVED`). @default false */
  readonly preserveDigests?: boolean | undefined
  /** For layers that are packed anew, where the destination can't take them as they come. @default TMPDIR, else /var/tmp, else the system's */
  readonly temporaryDirectory?: string | undefined
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
  /** As it is at the destination. */
  readonly manifest: Descriptor
  /** As the index or the config says. Undefined for what is no image. */
  readonly platform: Platform | undefined
}

/** What `copyImage` came to. */
export interface CopyResult {
  /** What the source's reference names: an index or a manifest. */
  readonly top: Descriptor
  /** What the destination's name now leads to: `top`, what it was converted to, or its one manifest where the destination can't hold a part of an index. */
  readonly committed: Descriptor
  /** In the order of the index. */
  readonly images: readonly CopiedImage[]
  /** Set when no platform was asked for and the only image there is isn't for this machine. */
  readonly platformMismatch?: PlatformMismatch | undefined
}

/**
 * Copies an image: manifests and blobs byte for byte, each blob once, those that are there not at all, several at a time. A blob that breaks off is
 * continued where it broke. What was asked for otherwise, or what the destination can't hold, is converted on the way; unknown media types and what is no image
 * are never touched. The first failure calls off the rest. Neither end is disposed of.
 *
 * @throws `ERR_PLATFORM_NOT_FOUND`, `ERR_CONVERSION_UNSUPPORTED`, `ERR_DIGESTS_NOT_PRESERVED`, `ERR_DIFF_ID_MISMATCH`, and what the source, the destination and
 *   `OciError` throw
 */
export async function copyImage(source: ImageSource, destination: ImageDestination, given: CopyOptions = {}): Promise<CopyResult> {
  // Destinations may call it as it is.
  const onProgress = (event: CopyProgress): void => emitProgress(given.onProgress, event)
  const options = { ...given, onProgress }
  const { signal } = options
  checkOptions(options)
  const wanted = wantedPlatforms(options)
  const plan = await planCopy(source, { platforms: wanted ?? (options.platforms === 'all' ? 'all' : [defaultPlatform()]), signal })
  const arrangement = arrangeIndexes({ plan, source, destination, options })
  onProgress({ type: 'copy:resolved', top: plan.top.descriptor, ...extentOf(plan) })
  const shared = { source, destination, options, wanted, copied: new Set<Digest>(), converted: new Map<Digest, Descriptor>() }
  const single = plan.indexes.length === 0 && options.platforms !== 'all'
  const replaced = new Map<Digest, Descriptor>()
  const images: CopiedImage[] = []
  let platformMismatch: PlatformMismatch | undefined
  for (const image of plan.images) {
    const { manifest, platform, ...outcome } = await copyOneImage({ ...shared, image, single })
    if (manifest.digest !== image.record.descriptor.digest) replaced.set(image.record.descriptor.digest, manifest)
    images.push({ manifest, platform })
    platformMismatch ??= outcome.platformMismatch
  }
  const committed = await putIndexes(arrangement, images, replaced)
  await destination.commit(committed, { signal, onProgress })
  return { top: plan.top.descriptor, committed, images, ...(platformMismatch !== undefined && { platformMismatch }) }
}

function checkOptions({ platform, platforms = 'one', format, compression }: CopyOptions): void {
  if (platforms !== 'one' && platform !== undefined) throw new TypeError('copyImage: platform and platforms contradict each other')
  if (platforms.length === 0) throw new TypeError('copyImage: platforms is an empty list')
  if (format === 'docker' && compression === 'zstd')
    throw new TypeError('copyImage: format "docker" and compression "zstd" contradict each other')
}

/** Undefined when nobody said which. */
function wantedPlatforms({ platform, platforms = 'one' }: CopyOptions): readonly Platform[] | undefined {
  if (platform !== undefined) return [platform]
  if (typeof platforms === 'string') return undefined
  return platforms.map((wanted) => (typeof wanted === 'string' ? parsePlatform(wanted) : wanted))
}

function extentOf({ images }: CopyPlan): { readonly layers: number; readonly sizeBytes: number } {
  const blobs = new Map(images.flatMap(({ manifest }) => [manifest.config, ...manifest.layers]).map(({ digest, size }) => [digest, size]))
  const layers = new Set(images.flatMap(({ manifest }) => manifest.layers.map(({ digest }) => digest)))
  return { layers: layers.size, sizeBytes: [...blobs.values()].reduce((sum, size) => sum + size, 0) }
}
