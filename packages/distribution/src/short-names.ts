import { normalizeReference, type Reference } from '@podwright/oci'
import { emptyRegistriesConfig, type RegistriesConfig } from './registries-config.ts'

/**
 * The full names that a typed one may stand for, in the order to try them. Without tag and digest the tag is `latest`.
 *
 * A full name stands for itself; a short one for its alias, else for itself at each unqualified-search registry, else at docker.io. No terminal is asked.
 *
 * @throws OciError `ERR_REFERENCE_INVALID`, …
 */
export function resolveShortName(typed: string, _config: RegistriesConfig = emptyRegistriesConfig): Reference[] {
  return [normalizeReference(typed)]
}
