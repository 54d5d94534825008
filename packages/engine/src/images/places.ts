import type { ImagePlaces } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'

/** Images where they are; loaded when called. */
export function createImagePlaces(parts: EngineParts): ImagePlaces {
  return {
    copy: async (source, destination, options = {}) => (await import('./copy.ts')).copyBetween(parts, source, destination, options),
    inspectAt: async (name, options = {}) => (await import('./inspect-at.ts')).inspectAt(parts, name, options),
    deleteAt: async (name, options = {}) => (await import('./delete-at.ts')).deleteAt(parts, name, options),
    listAt: async function* listAt(name, options = {}) {
      yield* (await import('./list-at.ts')).listAt(parts, name, options)
    },
    sync: async function* sync(source, destination, options = {}) {
      yield* (await import('./sync.ts')).syncImages(parts, source, destination, options)
    },
  }
}
