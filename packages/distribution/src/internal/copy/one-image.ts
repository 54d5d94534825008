import type { OpenBlob } from '@podwright/contracts'
import { type Descriptor, formatPlatform, type Platform, runsOn } from '@podwright/oci'
import type { PlatformMismatch } from '../../copy-image.ts'
import { type FetchedConfig, fetchConfig } from './configs.ts'
import { decideConversion } from './conversion.ts'
import { convertImage } from './convert-image.ts'
import { copyBlob, defaults, type ImageWork, openerOf, uniqueBlobs } from './image-work.ts'
import { inParallel } from './parallel.ts'
import { defaultPlatform, platformNotFound } from './plan.ts'

/** What an image turned out to be. */
export interface CopiedOutcome {
  /** As it is at the destination. */
  readonly manifest: Descriptor
  readonly platform: Platform | undefined
  readonly platformMismatch?: PlatformMismatch | undefined
}

/** Copies an image's config, then its layers, then its manifest; what it can't stay is converted. */
export async function copyOneImage(work: ImageWork): Promise<CopiedOutcome> {
  const { source, destination, image, options } = work
  const { signal } = options
  const { manifest, record } = image
  const { accepts = {}, prefers } = destination
  const ends = { source: source.reference, destination: destination.reference }
  const conversion = decideConversion({ ...ends, manifest, mediaType: record.descriptor.mediaType, accepts, prefers }, options)
  const openConfig = openerOf(work, manifest.config)
  const isRead = work.single || conversion !== undefined
  const config = isRead ? await fetchConfig(source, manifest.config, openConfig, { signal }) : undefined
  const platform = checkPlatform(work, config)
  if (conversion !== undefined) return { ...platform, manifest: await convertImage(work, conversion, config!) }
  await copyUnchanged(work, config?.open ?? openConfig)
  return { ...platform, manifest: record.descriptor }
}

async function copyUnchanged(work: ImageWork, openConfig: OpenBlob): Promise<void> {
  const { destination, image, options } = work
  const { signal, onProgress } = options
  const { manifest, record } = image
  await destination.begin(record, { signal, onProgress })
  await copyBlob(work, manifest.config, openConfig, { signal })
  const layers = uniqueBlobs(manifest.layers)
  await inParallel(layers, options.concurrency ?? defaults.concurrency, signal, (layer, either) =>
    copyBlob(work, layer, openerOf(work, layer), { signal: either }),
  )
  await destination.putManifest(record, { signal })
}

/** An image that is there for one platform only must be for one that was asked for; the machine's own is but a wish. */
function checkPlatform({ source, image, wanted, single }: ImageWork, config: FetchedConfig | undefined): Omit<CopiedOutcome, 'manifest'> {
  const found = image.platform ?? config?.platform
  if (!single || found === undefined) return { platform: found }
  const missing = (wanted ?? [defaultPlatform()]).find((platform) => !runsOn(found, platform))
  if (missing === undefined) return { platform: found }
  if (wanted !== undefined) throw platformNotFound(source, missing, [formatPlatform(found)])
  return { platform: found, platformMismatch: { wanted: missing, found } }
}
