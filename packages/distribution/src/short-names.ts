import { normalizeReference, parseNamed, type Reference } from '@podwright/oci'
import { emptyRegistriesConfig, type RegistriesConfig } from './registries-config.ts'

/** Where short names lead when nothing is configured. */
const defaultRegistry = 'docker.io'

/**
 * The full names that a typed one may stand for, in the order to try them. Without tag and digest the tag is `latest`.
 *
 * A full name stands for itself; a short one for its alias, else for itself at each unqualified-search registry, else at docker.io. Nobody is asked.
 *
 * @throws OciError `ERR_REFERENCE_INVALID`, `ERR_DIGEST_INVALID`, `ERR_DIGEST_ALGORITHM_UNKNOWN`
 */
export function resolveShortName(typed: string, config: RegistriesConfig = emptyRegistriesConfig): Reference[] {
  const named = parseNamed(typed)
  if (!named.short) return [normalizeReference(typed)]
  const alias = Object.hasOwn(config.aliases, named.repository) ? config.aliases[named.repository] : undefined
  if (alias !== undefined) return [normalizeReference(alias + typed.slice(named.repository.length))]
  const registries = config.unqualifiedSearchRegistries.length > 0 ? config.unqualifiedSearchRegistries : [defaultRegistry]
  return registries.map((registry) => normalizeReference(`${registry}/${typed}`))
}
