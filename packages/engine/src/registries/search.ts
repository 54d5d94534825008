import type { SearchOptions, SearchResult } from '@podwright/contracts'
import { endpointsOf } from '@podwright/distribution'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { openRegistryAccess, type RegistryAccess } from './registry-access.ts'

const defaultRegistry = 'docker.io'
const defaultLimit = 25

/** Repositories that a word is found in, at the registry named before it, else at the configured ones, one after the other. */
export async function searchRegistries(parts: EngineParts, typed: string, options: SearchOptions): Promise<readonly SearchResult[]> {
  const named = splitTerm(typed)
  await using access = await openRegistryAccess(parts, named.registry ?? defaultRegistry, options)
  const configured = access.config.unqualifiedSearchRegistries
  const registries = named.registry !== undefined ? [named.registry] : configured.length > 0 ? configured : [defaultRegistry]
  const results: SearchResult[] = []
  for (const registry of registries) results.push(...(await searchOne(access, registry, named.word, options)))
  return results
}

async function searchOne(access: RegistryAccess, registry: string, word: string, options: SearchOptions): Promise<SearchResult[]> {
  const { signal, tlsVerify, limit = defaultLimit } = options
  // A rule of registries.conf may forbid the registry, or say that it has no certificate.
  const [endpoint] = endpointsOf({ registry, repository: word }, access.config, { purpose: 'push', tlsVerify })
  const found = await access.client.search({ registry, tlsVerify: endpoint?.tlsVerify }, word, { signal, limit })
  return found.map((repository) => ({ ...repository, registry, name: `${registry}/${repository.name}` }))
}

/** `HOST/word`: a registry is told by its dot, its port, or that it is localhost; as in names. */
function splitTerm(typed: string): { readonly registry: string | undefined; readonly word: string } {
  const slash = typed.indexOf('/')
  const first = slash < 0 ? '' : typed.slice(0, slash)
  const isRegistry = /[.:]/.test(first) || first === 'localhost'
  const word = isRegistry ? typed.slice(slash + 1) : typed
  if (word.trim() === '' && !isRegistry) {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', 'cannot search for nothing: give a word', {
      hint: 'A registry with a slash behind it lists all that it has: podwright search HOST/',
    })
  }
  return { registry: isRegistry ? first : undefined, word }
}
