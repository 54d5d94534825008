import type { PruneImagesOptions, RemovedImage, StoredImage } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'
import { collectOrphans } from './remove.ts'

/** Deletes images that nobody uses. What crashes left goes first, since it might seem to use some. */
export async function pruneImages(parts: EngineParts, options: PruneImagesOptions): Promise<RemovedImage> {
  const storage = await parts.storage()
  const store = await parts.store()
  if (options.dryRun !== true) await collectOrphans(parts)
  const used = (image: StoredImage): boolean => store.idsByImage(image.id).length > 0
  return storage.pruneImages({
    dryRun: options.dryRun,
    signal: options.signal,
    select: (image) => (options.all === true || image.names.length === 0) && fits(image, options) && !used(image),
  })
}

function fits(image: StoredImage, { until, labels = [], notLabels = [] }: PruneImagesOptions): boolean {
  const old = until === undefined || (image.created !== undefined && image.created < until)
  const has = (text: string): boolean => hasLabel(image.labels, text)
  return old && labels.every(has) && !notLabels.some(has)
}

/** `NAME` or `NAME=VALUE`. */
function hasLabel(labels: Readonly<Record<string, string>>, text: string): boolean {
  const at = text.indexOf('=')
  const name = at < 0 ? text : text.slice(0, at)
  return Object.hasOwn(labels, name) && (at < 0 || labels[name] === text.slice(at + 1))
}
