import type { EngineUsage, EngineVolumeUsage, Volume } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import { createContainers } from '../containers/containers.ts'
import type { EngineOptions } from '../options.ts'
import type { EngineParts } from '../parts.ts'
import { withSharedWorker } from './shared-worker.ts'

/** What everything takes on disk. Sizes of images are recorded; what containers changed, and volumes, are walked through, in one worker. */
export function engineUsage(parts: EngineParts, options: EngineOptions, { signal }: AbortOptions): Promise<EngineUsage> {
  return withSharedWorker(parts, options, async (shared) => {
    const storage = await shared.storage()
    const usage = await storage.usage({ snapshots: true, signal })
    const all = await createContainers(shared).list({ all: true })
    return {
      images: imageUsage(usage, storage.listImages(), all),
      containers: containerUsage(all, new Map(usage.snapshots.map(({ key, sizeBytes }) => [key, sizeBytes]))),
      volumes: await volumeUsage(shared, { signal }),
    }
  })
}

type Containers = readonly EngineUsage['containers']['items'][number]['container'][]
type StoredImages = readonly EngineUsage['images']['items'][number]['image'][]

function imageUsage(
  {
    images,
    layerBytes,
    blobBytes,
    reclaimableBytes,
  }: Pick<EngineUsage['images'], 'layerBytes' | 'blobBytes' | 'reclaimableBytes'> & {
    readonly images: readonly Omit<EngineUsage['images']['items'][number], 'image' | 'containers'>[]
  },
  stored: StoredImages,
  containers: Containers,
): EngineUsage['images'] {
  const imageOf = new Map(stored.map((image) => [image.id, image]))
  const containersOn = Map.groupBy(containers, ({ imageId }) => imageId)
  const items = images.flatMap((usage) => {
    const image = imageOf.get(usage.id)
    // Gone in the meantime.
    return image === undefined ? [] : [{ ...usage, image, containers: (containersOn.get(usage.id) ?? []).map(({ id }) => id) }]
  })
  const active = items.filter((item) => item.containers.length > 0).length
  return { items, active, sizeBytes: layerBytes + blobBytes, layerBytes, blobBytes, reclaimableBytes }
}

function containerUsage(containers: Containers, sizes: ReadonlyMap<string, number>): EngineUsage['containers'] {
  const items = containers.map((container) => ({ container, sizeBytes: sizes.get(container.id) ?? 0 }))
  const isUp = ({ container: { state } }: (typeof items)[number]): boolean => state.pid !== 0
  return {
    items,
    active: items.filter(isUp).length,
    sizeBytes: total(items),
    reclaimableBytes: total(items.filter((item) => !isUp(item))),
  }
}

async function volumeUsage(parts: EngineParts, options: AbortOptions): Promise<EngineUsage['volumes']> {
  const volumes = await parts.volumes()
  const items: EngineVolumeUsage[] = []
  for (const volume of volumes.list()) {
    options.signal?.throwIfAborted()
    const sizeBytes = isElsewhere(volume) ? undefined : await volumeSize(parts, volume.name, options)
    if (sizeBytes !== 'gone') items.push({ volume, sizeBytes })
  }
  const isUsed = ({ volume: { holders } }: EngineVolumeUsage): boolean => holders.length > 0
  return {
    items,
    active: items.filter(isUsed).length,
    sizeBytes: total(items),
    reclaimableBytes: total(items.filter((item) => !isUsed(item))),
  }
}

/** What its options mount, or what another driver keeps, doesn't take this disk's space, or is not podwright's to give back. */
function isElsewhere({ driver, options }: Volume): boolean {
  return driver !== 'local' || Object.hasOwn(options, 'type') || Object.hasOwn(options, 'device')
}

async function volumeSize(parts: EngineParts, name: string, options: AbortOptions): Promise<number | 'gone'> {
  try {
    return (await (await parts.volumes()).usage(name, options)).sizeBytes
  } catch (error) {
    if (isPodwrightError(error, 'ERR_VOLUME_NOT_FOUND')) return 'gone'
    throw error
  }
}

function total(items: readonly { readonly sizeBytes: number | undefined }[]): number {
  return items.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0)
}
