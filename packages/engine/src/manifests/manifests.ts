import type { Manifests } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'
import { nameToGive } from '../images/tag.ts'
import { findList, requireList } from './find-list.ts'

/** The engine's manifest lists; what speaks with registries is loaded when it does. */
export function createManifests(parts: EngineParts): Manifests {
  return {
    create: async (name, options = {}) =>
      (options.members ?? []).length === 0
        ? (await parts.storage()).createList(nameToGive(name), { ...options, members: [] })
        : (await import('./create.ts')).createWithMembers(parts, name, options),
    list: async () => (await parts.storage()).listLists(),
    exists: async (name) => (await findList(await parts.storage(), name)) !== undefined,
    add: async (name, member, options = {}) => (await import('./add.ts')).addMember(parts, name, member, options),
    annotate: async (name, member, changes, options = {}) =>
      (await import('./members.ts')).annotateMember(parts, { name, member, changes }, options),
    removeMember: async (name, member, options = {}) => (await import('./members.ts')).removeMember(parts, name, member, options),
    inspect: async (name, options = {}) => (await import('./inspect.ts')).inspectList(parts, name, options),
    push: async (name, destination, options = {}) => (await import('./push.ts')).pushList(parts, name, destination, options),
    remove: async (name, options = {}) => {
      const storage = await parts.storage()
      const found = await requireList(storage, name)
      await storage.removeName(found.name, options)
      return found.list.descriptor.digest
    },
  }
}
