import type { ImageName, ImageTransport, ListedImage } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'
import { requireLocalImage } from './find-image.ts'
import { removeImage } from './remove.ts'
import { nameToGive } from './tag.ts'

const transport = 'containers-storage'

/** The engine's own images: `containers-storage:NAME`. */
export function storageTransport(parts: EngineParts): ImageTransport {
  return {
    name: transport,
    parse: (text) => ({ transport, text }),
    openSource: async ({ text }) => {
      const storage = await parts.storage()
      const { name } = requireLocalImage(storage, text)
      return storage.source(name)
    },
    openDestination: async ({ text }) => (await parts.storage()).destination(nameToGive(text)),
    list: async function* list(): AsyncGenerator<ListedImage> {
      for (const { names } of (await parts.storage()).listImages()) {
        for (const name of names) yield { image: { transport, text: name } satisfies ImageName, name }
      }
    },
    delete: async ({ text }, options) => void (await removeImage(parts, text, { ...options })),
  }
}
