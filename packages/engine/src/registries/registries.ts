import type { Registries } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'

/** Registries, as the engine's user sees them. Everything that speaks with one is loaded when it is needed. */
export function createRegistries(parts: EngineParts): Registries {
  return {
    login: async (registry, options) => (await import('./login.ts')).logIn(parts, registry, options),
    logout: async (registry, options = {}) => (await import('./login.ts')).logOut(parts, registry, options),
    loggedInAs: async (registry, options = {}) => (await import('./login.ts')).loggedInAs(parts, registry, options),
    search: async (term, options = {}) => (await import('./search.ts')).searchRegistries(parts, term, options),
    tags: async function* tags(repository, options = {}) {
      yield* (await import('./tags.ts')).listRepositoryTags(parts, repository, options)
    },
  }
}
