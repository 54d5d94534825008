import type { Images } from '@podwright/contracts'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { removeContainer } from '../containers/remove.ts'
import { ensureImage } from './ensure-image.ts'
import { findLocalImage, requireLocalImage } from './find-image.ts'

/** The engine's images. */
export function createImages(parts: EngineParts): Images {
  return {
    pull: (reference, options = {}) => ensureImage(parts, reference, options),
    list: async () => (await parts.storage()).listImages(),
    inspect: async (reference) => {
      const storage = await parts.storage()
      const { image } = requireLocalImage(storage, reference)
      return { image, config: await storage.imageConfig(image.id) }
    },
    exists: async (reference) => findLocalImage(await parts.storage(), reference) !== undefined,
    remove: async (reference, options = {}) => {
      const storage = await parts.storage()
      const { image, name } = requireLocalImage(storage, reference)
      // An id, or a prefix of one, means the image; a name means the name, unless it is the last.
      const byId = image.id.startsWith(reference) || image.id.slice(image.id.indexOf(':') + 1).startsWith(reference)
      if (!byId && image.names.length > 1) return storage.removeName(name, options)
      await releaseImage(parts, image.id, reference, options.force ?? false)
      const removed = await (byId ? storage.removeImage(image.id, options) : storage.removeName(name, options))
      await collectOrphans(parts)
      return removed
    },
  }
}

/** Takes what crashes left: unreferenced content, and snapshots that no container owns. */
async function collectOrphans(parts: EngineParts): Promise<void> {
  const [storage, store] = await Promise.all([parts.storage(), parts.store()])
  const snapshotKeys = new Set(store.list().map(({ id }) => id))
  await storage.collectGarbage({ snapshotKeys })
}

/** Sees to it that no container is on the image; by force, by removing those that are. */
async function releaseImage(parts: EngineParts, imageId: string, reference: string, force: boolean): Promise<void> {
  const store = await parts.store()
  const ids = store.idsByImage(imageId)
  if (ids.length === 0) return
  if (!force) {
    const names = ids.map((id) => store.require(id).name).join(', ')
    throw new EngineError('ERR_IMAGE_IN_USE', `cannot remove the image ${reference}: containers are on it: ${names}`, {
      hint: `Remove them first (podwright rm), or remove the image with them: podwright rmi -f ${reference}`,
      details: { imageId, containers: ids },
    })
  }
  for (const id of ids) await removeContainer(parts, id, { force: true })
}
