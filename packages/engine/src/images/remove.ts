import type { RemovedImage, RemoveImageOptions } from '@podwright/contracts'
import { removeContainer } from '../containers/remove.ts'
import { EngineError } from '../errors.ts'
import { noteRemoval } from '../events/note-image.ts'
import type { EngineParts } from '../parts.ts'
import { requireLocalImage } from './find-image.ts'
import { lockImages } from './image-lock.ts'

/** Takes a name from an image, and the image with its last one; an id, or the beginning of one, means the image itself. */
export async function removeImage(parts: EngineParts, reference: string, options: RemoveImageOptions): Promise<RemovedImage> {
  const storage = await parts.storage()
  const { image, name } = requireLocalImage(storage, reference)
  const byId = image.id.startsWith(reference) || image.id.slice(image.id.indexOf(':') + 1).startsWith(reference)
  const isLast = byId || image.names.length <= 1
  const remove = (): Promise<RemovedImage> => (byId ? storage.removeImage(image.id, options) : storage.removeName(name, options))
  const removed = isLast ? await removeUnused(parts, image.id, reference, options, remove) : await remove()
  if (options.dryRun === true) return removed
  await noteRemoval(parts, removed, image.id)
  if (isLast) await collectOrphans(parts)
  return removed
}

/** No container comes to be on the image between the look and the deletion. */
async function removeUnused(
  parts: EngineParts,
  imageId: string,
  reference: string,
  options: RemoveImageOptions,
  remove: () => Promise<RemovedImage>,
): Promise<RemovedImage> {
  using _lock = await lockImages(parts, 'alone', options)
  await releaseImage(parts, imageId, reference, options)
  return await remove()
}

/** Takes what crashes left: unreferenced content, and snapshots that no container owns. */
export async function collectOrphans(parts: EngineParts): Promise<void> {
  const [storage, store] = await Promise.all([parts.storage(), parts.store()])
  const snapshotKeys = new Set(store.list().map(({ id }) => id))
  await storage.collectGarbage({ snapshotKeys })
}

/** Sees to it that no container is on the image; by force, by removing those that are. */
export async function releaseImage(parts: EngineParts, imageId: string, reference: string, options: RemoveImageOptions): Promise<void> {
  const store = await parts.store()
  const ids = store.idsByImage(imageId)
  if (ids.length === 0) return
  if (options.force !== true) {
    const names = ids.map((id) => store.require(id).name).join(', ')
    throw new EngineError('ERR_IMAGE_IN_USE', `cannot remove the image ${reference}: containers are on it: ${names}`, {
      hint: `Remove them first (podwright rm), or remove the image with them: podwright rmi -f ${reference}`,
      details: { imageId, containers: ids },
    })
  }
  if (options.dryRun === true) return
  for (const id of ids) await removeContainer(parts, id, { force: true })
}
