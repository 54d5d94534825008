import type { Images } from '@podwright/contracts'
import { noteImage } from '../events/note-image.ts'
import type { EngineParts } from '../parts.ts'
import { ensureImage } from './ensure-image.ts'
import { findLocalImage, requireLocalImage } from './find-image.ts'
import { createImagePlaces } from './places.ts'

/** The engine's images. What everyday commands don't use is loaded when it is called. */
export function createImages(parts: EngineParts): Images {
  const idOf = async (reference: string): Promise<string | undefined> => findLocalImage(await parts.storage(), reference)?.image.id
  return {
    pull: (reference, options = {}) => ensureImage(parts, reference, options),
    pullAll: async function* pullAll(repository, options = {}) {
      for await (const pulled of (await import('./pull-all.ts')).pullAllTags(parts, repository, options)) {
        await noteImage(parts, 'pull', pulled.image.id, pulled.name)
        yield pulled
      }
    },
    list: async () => (await parts.storage()).listImages(),
    inspect: async (reference) => {
      const storage = await parts.storage()
      const { image } = requireLocalImage(storage, reference)
      return { image, config: await storage.imageConfig(image.id) }
    },
    exists: async (reference) => findLocalImage(await parts.storage(), reference) !== undefined,
    remove: async (reference, options = {}) =>
      options.platform === undefined
        ? (await import('./remove.ts')).removeImage(parts, reference, options)
        : (await import('./remove-platform.ts')).removePlatform(parts, reference, options.platform, options),
    history: async (reference) => {
      const storage = await parts.storage()
      return storage.imageHistory(requireLocalImage(storage, reference).image.id)
    },
    tag: async (reference, names, options = {}) => {
      const id = (await idOf(reference)) ?? reference
      const given = await (await import('./tag.ts')).tagImage(parts, reference, names, options)
      for (const name of given) await noteImage(parts, 'tag', id, name)
      return given
    },
    untag: async (reference, names, options = {}) => {
      const id = (await idOf(reference)) ?? reference
      const taken = await (await import('./tag.ts')).untagImage(parts, reference, names ?? [], options)
      if (options.dryRun !== true) for (const name of taken) await noteImage(parts, 'untag', id, name)
      return taken
    },
    layers: async (reference) => (await import('./layers.ts')).imageLayers(parts, reference),
    changes: async (reference, options = {}) => (await import('./changes.ts')).imageChanges(parts, reference, options),
    mount: async (reference, options = {}) => (await import('./mounts.ts')).mountImage(parts, reference, options),
    unmount: async (reference, options = {}) => (await import('./mounts.ts')).unmountImage(parts, reference, options),
    mounts: async (options = {}) => (await import('./mounts.ts')).listImageMounts(parts, options),
    prune: async (options = {}) => (await import('./prune.ts')).pruneImages(parts, options),
    push: async (reference, destination, options = {}) => {
      const pushed = await (await import('./push.ts')).pushImage(parts, reference, destination, options)
      await noteImage(parts, 'push', (await idOf(reference)) ?? reference, pushed.destination)
      return pushed
    },
    save: async (images, target, options = {}) => {
      await (await import('./save.ts')).saveImages(parts, images, target, options)
      for (const image of images) {
        const reference = typeof image === 'string' ? image : image.reference
        await noteImage(parts, 'save', (await idOf(reference)) ?? reference, reference)
      }
    },
    load: async (origin, options = {}) => {
      const loaded = await (await import('./load.ts')).loadImages(parts, origin, options)
      for (const { image, names } of loaded) await noteImage(parts, 'loadfromarchive', image.id, names[0])
      return loaded
    },
    import: async (origin, options = {}) => {
      const image = await (await import('./import.ts')).importImage(parts, origin, options)
      await noteImage(parts, 'import', image.id, image.names[0])
      return image
    },
    ...createImagePlaces(parts),
  }
}
