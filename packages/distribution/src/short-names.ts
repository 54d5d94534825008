import { formatReference, normalizeReference, parseNamed, type Reference } from '@podwright/oci'
import { DistributionError } from './errors.ts'
import { emptyRegistriesConfig, type RegistriesConfig } from './registries-config.ts'

/** Where short names lead when nothing is configured. */
const defaultRegistry = 'docker.io'

/**
 * The full names that a typed one may stand for, in the order to try them. Without tag and digest the tag is `latest`.
 *
 * A full name stands for itself; a short one for its alias, else for itself at each unqualified-search registry, else at docker.io. Nobody is asked: where
 * `short-name-mode` is `enforcing`, a name that may be at several registries is refused, and whoever has a terminal can offer `details.candidates`.
 *
 * @throws DistributionError `ERR_SHORT_NAME_AMBIGUOUS`; OciError `ERR_REFERENCE_INVALID`, `ERR_DIGEST_INVALID`, `ERR_DIGEST_ALGORITHM_UNKNOWN`
 */
export function resolveShortName(typed: string, config: RegistriesConfig = emptyRegistriesConfig): Reference[] {
  const named = parseNamed(typed)
  if (!named.short) return [normalizeReference(typed)]
  const alias = Object.hasOwn(config.aliases, named.repository) ? config.aliases[named.repository] : undefined
  if (alias !== undefined) return [normalizeReference(alias + typed.slice(named.repository.length))]
  const registries = config.unqualifiedSearchRegistries.length > 0 ? config.unqualifiedSearchRegistries : [defaultRegistry]
  const candidates = registries.map((registry) => normalizeReference(`${registry}/${typed}`))
  if (config.shortNameMode === 'enforcing' && candidates.length > 1) throw ambiguous(typed, candidates.map(formatReference))
  return candidates
}

function ambiguous(typed: string, candidates: readonly string[]): DistributionError {
  const [first = ''] = candidates
  return new DistributionError(
    'ERR_SHORT_NAME_AMBIGUOUS',
    `cannot tell which image "${typed}" is: it may be any of ${candidates.join(', ')}, and short-name-mode is enforcing`,
    { hint: `Type the full name, such as ${first}, or give it an alias in registries.conf.d.`, details: { candidates } },
  )
}
