import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mergeRegistriesConfig } from './internal/registries/merge-config.ts'
import { readPlainAliases } from './internal/registries/plain-aliases.ts'
import { emptyRegistriesConfig, type RegistriesConfig } from './registries-config.ts'

/** Which files to read. */
export interface RegistriesConfigPaths {
  /** The first of them that exists is read. */
  readonly files: readonly string[]
  /** Then the `*.conf` in each of these, by name, unless it was the first of `files` that was read: who has one of their own goes by that. @default none */
  readonly systemDirectories?: readonly string[] | undefined
  /** Then the `*.conf` in each of these, by name; what they say wins over what came before. */
  readonly directories: readonly string[]
  /** Then these, of which only the aliases count. */
  readonly aliasFiles: readonly string[]
}

/** Options of `registriesConfigPaths`. */
export interface RegistriesConfigPathsOptions {
  /** @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** @default the user's home */
  readonly homeDirectory?: string | undefined
}

/**
 * Where containers' tools look: the user's registries.conf and registries.conf.d, or where there is no such file the system's and both directories; the
 * aliases that podman recorded.
 */
export function registriesConfigPaths(options: RegistriesConfigPathsOptions = {}): RegistriesConfigPaths {
  const { environment = process.env } = options
  const home = options.homeDirectory ?? environment['HOME']
  const config = environment['XDG_CONFIG_HOME'] || (home && join(home, '.config'))
  const cache = process.getuid?.() === 0 ? '/var/cache' : environment['XDG_CACHE_HOME'] || (home && join(home, '.cache'))
  const user = config ? [join(config, 'containers/registries.conf')] : []
  const given = environment['CONTAINERS_REGISTRIES_CONF'] || environment['REGISTRIES_CONFIG_PATH']
  const system = ['/etc/containers/registries.conf.d']
  const own = user.map((file) => `${file}.d`)
  return {
    files: given ? [given] : [...user, '/etc/containers/registries.conf', '/usr/share/containers/registries.conf'],
    ...(given || user.length === 0 ? { directories: [...system, ...own] } : { systemDirectories: system, directories: own }),
    aliasFiles: cache ? [join(cache, 'containers/short-name-aliases.conf')] : [],
  }
}

/**
 * Reads registries.conf version 2 and what belongs to it. Files that aren't there are passed over.
 *
 * @throws DistributionError `ERR_REGISTRIES_CONFIG_INVALID`
 */
export async function loadRegistriesConfig(
  paths: RegistriesConfigPaths = registriesConfigPaths(),
  { signal }: AbortOptions = {},
): Promise<RegistriesConfig> {
  let config = emptyRegistriesConfig
  const add = async (file: string, aliasesOnly: boolean): Promise<boolean> => {
    signal?.throwIfAborted()
    const text = readText(file)
    if (text === undefined) return false
    config = { ...config, files: [...config.files, file] }
    const aliases = readPlainAliases(text)
    if (aliases !== undefined) config = mergeRegistriesConfig(config, { aliases, registries: [] })
    // Distributions ship one of comments only; the parser need not be loaded for that.
    else if (/^[^\S\n]*[^\s#]/m.test(text)) {
      const { parseRegistriesToml } = await import('./internal/registries/parse-toml.ts')
      const parsed = parseRegistriesToml(text, file)
      config = mergeRegistriesConfig(config, aliasesOnly ? { aliases: parsed.aliases, registries: [] } : parsed)
    }
    return true
  }
  for (const file of paths.files) if (await add(file, false)) break
  const hasOwn = config.files[0] !== undefined && config.files[0] === paths.files[0]
  const directories = [...(hasOwn ? [] : (paths.systemDirectories ?? [])), ...paths.directories]
  for (const directory of directories) for (const file of listConfigs(directory)) await add(file, false)
  for (const file of paths.aliasFiles) await add(file, true)
  return config
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

function listConfigs(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.conf'))
      .toSorted()
      .map((name) => join(directory, name))
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCodeOf(error) ?? '')
}
