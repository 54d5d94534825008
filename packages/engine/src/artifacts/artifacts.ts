import type { Artifacts } from '@podwright/contracts'
import { normalizeReference, formatReference } from '@podwright/oci'
import type { EngineParts } from '../parts.ts'
import { requireArtifact } from './find-artifact.ts'

/** The engine's artifacts; loaded when they are used. */
export function createArtifacts(parts: EngineParts): Artifacts {
  return {
    add: async (name, files, options = {}) =>
      (await parts.storage()).createArtifact(formatReference(normalizeReference(name)), files, options),
    list: async () => (await parts.storage()).listArtifacts(),
    inspect: async (reference) => (await requireArtifact(await parts.storage(), reference)).artifact,
    pull: async (reference, options = {}) => (await import('./pull.ts')).pullArtifact(parts, reference, options),
    push: async (reference, destination, options = {}) => (await import('./push.ts')).pushArtifact(parts, reference, destination, options),
    remove: async (reference, options = {}) => (await import('./remove.ts')).removeArtifact(parts, reference, options),
    extract: async (reference, target, options = {}) => (await import('./extract.ts')).extractFiles(parts, reference, target, options),
    read: async function* read(reference, options = {}) {
      yield* (await import('./extract.ts')).readFile(parts, reference, options)
    },
  }
}
