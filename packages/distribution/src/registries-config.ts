/** One `[[registry]]` of registries.conf. */
export interface RegistryRule {
  /** `host`, `host/namespace`, `host/namespace/repository`, or `*.domain`. */
  readonly prefix: string
  /** What takes the prefix's place; the prefix itself when nothing is said. */
  readonly location: string
  readonly insecure: boolean
  readonly blocked: boolean
  /** In order of preference, before the location itself. */
  readonly mirrors: readonly RegistryMirror[]
  readonly mirrorByDigestOnly: boolean
}

/** One `[[registry.mirror]]`. */
export interface RegistryMirror {
  readonly location: string
  readonly insecure: boolean
  readonly pullFrom: 'all' | 'digest-only' | 'tag-only'
}

/** What registries.conf (version 2, containers-registries.conf(5)) and the files beside it say. */
export interface RegistriesConfig {
  /** Where a short name may be, in order. Empty: at docker.io. */
  readonly unqualifiedSearchRegistries: readonly string[]
  readonly shortNameMode: 'enforcing' | 'permissive' | 'disabled'
  /** Short names, without tag, and the full names that they stand for. */
  readonly aliases: Readonly<Record<string, string>>
  readonly registries: readonly RegistryRule[]
  /** Who keeps credentials, in order; `containers-auth.json` stands for the auth files. @default that alone */
  readonly credentialHelpers?: readonly string[] | undefined
  /** What was read, in order. */
  readonly files: readonly string[]
}

/** What holds where no registries.conf is. */
export const emptyRegistriesConfig: RegistriesConfig = {
  unqualifiedSearchRegistries: [],
  shortNameMode: 'permissive',
  aliases: {},
  registries: [],
  files: [],
}
