import type { ImageDestination, ImageSource, OpenBlob } from '@podwright/contracts'
import { type AbortOptions, emitProgress, systemClock } from '@podwright/conventions'
import { type Descriptor, type Digest, formatPlatform, type Platform, runsOn } from '@podwright/oci'
import type { CopyOptions, PlatformMismatch } from '../../copy-image.ts'
import { type FetchedConfig, fetchConfig } from './configs.ts'
import { inParallel } from './parallel.ts'
import { defaultPlatform, type PlannedImage, platformNotFound } from './plan.ts'
import { resumableBlob } from './resumable-blob.ts'

/** One image to copy. */
export interface ImageWork {
  readonly source: ImageSource
  readonly destination: ImageDestination
  readonly image: PlannedImage
  /** Blobs that are there by now; added to. */
  readonly copied: Set<Digest>
  readonly options: CopyOptions
  /** Whether no index chose it, so that only its config tells the platform. */
  readonly single: boolean
}

/** What an image turned out to be. */
export interface CopiedPlatform {
  readonly platform: Platform | undefined
  readonly platformMismatch?: PlatformMismatch | undefined
}

const defaults = { concurrency: 6, retries: 5, backoffMs: 500 } as const

/** Copies an image's config, then its layers, then its manifest. */
export async function copyOneImage(work: ImageWork): Promise<CopiedPlatform> {
  const { destination, image, options } = work
  const { signal, onProgress } = options
  const { manifest, record } = image
  const openConfig = openerOf(work, manifest.config)
  const config = work.single ? await fetchConfig(work.source, manifest.config, openConfig, { signal }) : undefined
  const outcome = checkPlatform(work, config)
  await destination.begin(record, { signal, onProgress })
  await copyBlob(work, manifest.config, config?.open ?? openConfig, { signal })
  const layers = uniqueBlobs(manifest.layers)
  await inParallel(layers, options.concurrency ?? defaults.concurrency, signal, (layer, either) =>
    copyBlob(work, layer, openerOf(work, layer), { signal: either }),
  )
  await destination.putManifest(record, { signal })
  return outcome
}

/** An image that is there for one platform only must be for the one asked for; the machine's own is but a wish. */
function checkPlatform({ source, image, options, single }: ImageWork, config: FetchedConfig | undefined): CopiedPlatform {
  const found = image.platform ?? config?.platform
  const wanted = options.platform ?? defaultPlatform()
  if (!single || found === undefined || runsOn(found, wanted)) return { platform: found }
  if (options.platform !== undefined) throw platformNotFound(source, wanted, [formatPlatform(found)])
  return { platform: found, platformMismatch: { wanted, found } }
}

async function copyBlob(
  { destination, copied, options }: ImageWork,
  descriptor: Descriptor,
  open: OpenBlob,
  { signal }: AbortOptions,
): Promise<void> {
  const { onProgress } = options
  if (copied.has(descriptor.digest)) return
  if (await destination.hasBlob(descriptor, { signal })) emitProgress(onProgress, { type: 'blob:exists', descriptor })
  else await destination.putBlob(descriptor, open, { signal, onProgress })
  copied.add(descriptor.digest)
}

function openerOf({ source, options }: ImageWork, descriptor: Descriptor): OpenBlob {
  return resumableBlob(source, descriptor, {
    retries: options.retries ?? defaults.retries,
    backoffMs: options.backoffMs ?? defaults.backoffMs,
    clock: options.clock ?? systemClock,
    onProgress: options.onProgress,
  })
}

/** An image may have the same layer twice; it is sent once. */
function uniqueBlobs(descriptors: readonly Descriptor[]): Descriptor[] {
  return [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()]
}
