import type { Images } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'
import { ensureImage } from './ensure-image.ts'
import { findLocalImage, requireLocalImage } from './find-image.ts'
import { createImagePlaces } from './places.ts'
import { removeImage } from './remove.ts'

/** The engine's images. What everyday commands don't use is loaded when it is called. */
export function createImages(parts: EngineParts): Images {
  return {
    pull: (reference, options = {}) => ensureImage(parts, reference, options),
    pullAll: async function* pullAll(repository, options = {}) {
      yield* (await import('./pull-all.ts')).pullAllTags(parts, repository, options)
    },
    list: async () => (await parts.storage()).listImages(),
    inspect: async (reference) => {
      const storage = await parts.storage()
      const { image } = requireLocalImage(storage, reference)
      return { image, config: await storage.imageConfig(image.id) }
    },
    exists: async (reference) => findLocalImage(await parts.storage(), reference) !== undefined,
    remove: (reference, options = {}) => removeImage(parts, reference, options),
    history: async (reference) => {
      const storage = await parts.storage()
      return storage.imageHistory(requireLocalImage(storage, reference).image.id)
    },
    tag: async (reference, names, options = {}) => (await import('./tag.ts')).tagImage(parts, reference, names, options),
    untag: async (reference, names, options = {}) => (await import('./tag.ts')).untagImage(parts, reference, names ?? [], options),
    layers: async (reference) => (await import('./layers.ts')).imageLayers(parts, reference),
    changes: async (reference, options = {}) => (await import('./changes.ts')).imageChanges(parts, reference, options),
    mount: async (reference, options = {}) => (await import('./mounts.ts')).mountImage(parts, reference, options),
    unmount: async (reference, options = {}) => (await import('./mounts.ts')).unmountImage(parts, reference, options),
    mounts: async (options = {}) => (await import('./mounts.ts')).listImageMounts(parts, options),
    prune: async (options = {}) => (await import('./prune.ts')).pruneImages(parts, options),
    push: async (reference, destination, options = {}) => (await import('./push.ts')).pushImage(parts, reference, destination, options),
    save: async (images, target, options = {}) => (await import('./save.ts')).saveImages(parts, images, target, options),
    load: async (origin, options = {}) => (await import('./load.ts')).loadImages(parts, origin, options),
    import: async (origin, options = {}) => (await import('./import.ts')).importImage(parts, origin, options),
    ...createImagePlaces(parts),
  }
}
