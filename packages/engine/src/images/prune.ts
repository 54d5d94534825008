import type { PruneImagesOptions, RemovedImage, StoredImage } from '@podwright/contracts'
import { noteRemoval } from '../events/note-image.ts'
import { hasLabel } from '../labels.ts'
import type { EngineParts } from '../parts.ts'
import { lockImages } from './image-lock.ts'
import { collectOrphans } from './remove.ts'

/** How the engine prunes images. */
export interface PruneOptions extends PruneImagesOptions {
  /** Ids of containers that are to be thought of as gone, for a dry run. @default none */
  readonly withoutContainers?: ReadonlySet<string> | undefined
}

/** Deletes images that nobody uses. What crashes left goes first, since it might seem to use some. */
export async function pruneImages(parts: EngineParts, options: PruneOptions): Promise<RemovedImage> {
  const storage = await parts.storage()
  const store = await parts.store()
  if (options.dryRun !== true) await collectOrphans(parts)
  const { withoutContainers = new Set<string>() } = options
  const used = (image: StoredImage): boolean => store.idsByImage(image.id).some((id) => !withoutContainers.has(id))
  using _lock = await lockImages(parts, 'alone', options)
  const removed = await storage.pruneImages({
    withoutSnapshots: withoutContainers,
    dryRun: options.dryRun,
    signal: options.signal,
    select: (image) => (options.all === true || image.names.length === 0) && fits(image, options) && !used(image),
  })
  if (options.dryRun !== true) await noteRemoval(parts, removed)
  return removed
}

function fits(image: StoredImage, { until, labels = [], notLabels = [] }: PruneImagesOptions): boolean {
  const old = until === undefined || (image.created !== undefined && image.created < until)
  const has = (text: string): boolean => hasLabel(image.labels, text)
  return old && labels.every(has) && !notLabels.some(has)
}
