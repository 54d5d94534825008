import type { RegistriesConfig, RegistryRule } from '../../registries-config.ts'

/** What one file says; undefined: nothing. */
export interface ParsedRegistriesFile {
  readonly unqualifiedSearchRegistries?: readonly string[] | undefined
  readonly credentialHelpers?: readonly string[] | undefined
  readonly shortNameMode?: RegistriesConfig['shortNameMode'] | undefined
  /** An empty value takes an alias away. */
  readonly aliases: Readonly<Record<string, string>>
  readonly registries: readonly RegistryRule[]
}

/** Lets a later file overrule what came before: lists as a whole, aliases and registries one by one. */
export function mergeRegistriesConfig(config: RegistriesConfig, file: ParsedRegistriesFile): RegistriesConfig {
  const prefixes = new Set(file.registries.map(({ prefix }) => prefix))
  const aliases = Object.entries({ ...config.aliases, ...file.aliases }).filter(([, target]) => target !== '')
  return {
    unqualifiedSearchRegistries: file.unqualifiedSearchRegistries ?? config.unqualifiedSearchRegistries,
    shortNameMode: file.shortNameMode ?? config.shortNameMode,
    credentialHelpers: file.credentialHelpers ?? config.credentialHelpers,
    aliases: Object.fromEntries(aliases),
    registries: [...config.registries.filter(({ prefix }) => !prefixes.has(prefix)), ...file.registries],
    files: config.files,
  }
}
