import { messageOf } from '@podwright/conventions'
import { parse } from 'smol-toml'
import { DistributionError } from '../../errors.ts'
import type { RegistriesConfig, RegistryMirror, RegistryRule } from '../../registries-config.ts'
import type { ParsedRegistriesFile } from './merge-config.ts'

/** Reads one registries.conf (containers-registries.conf(5), version 2). @throws DistributionError `ERR_REGISTRIES_CONFIG_INVALID` */
export function parseRegistriesToml(text: string, file: string): ParsedRegistriesFile {
  const fail: Fail = (reason, cause) => {
    throw new DistributionError('ERR_REGISTRIES_CONFIG_INVALID', `cannot read ${file}: ${reason}`, { cause, details: { path: file } })
  }
  let document: Table
  try {
    document = parse(text)
  } catch (error) {
    return fail(messageOf(error).split('\n', 1)[0] ?? 'it is not TOML', error)
  }
  if (document['registries'] !== undefined) return fail('it is of version 1 ([registries.search] and the like), which is not supported')
  const read = readerOf(fail)
  const search = document['unqualified-search-registries']
  const helpers = document['credential-helpers']
  return {
    unqualifiedSearchRegistries: search === undefined ? undefined : read.strings(search, 'unqualified-search-registries'),
    shortNameMode: shortNameMode(document['short-name-mode'], fail),
    credentialHelpers: helpers === undefined ? undefined : read.strings(helpers, 'credential-helpers'),
    aliases: read.aliases(document['aliases']),
    registries: read.tables(document['registry'], 'registry').map((table) => parseRule(table, read, fail)),
  }
}

type Table = Readonly<Record<string, unknown>>
type Fail = (reason: string, cause?: unknown) => never

interface Reader {
  text(table: Table, key: string): string | undefined
  flag(table: Table, key: string): boolean
  strings(value: unknown, key: string): string[]
  tables(value: unknown, key: string): Table[]
  aliases(value: unknown): Record<string, string>
}

function readerOf(fail: Fail): Reader {
  return {
    text: (table, key) => {
      const value = table[key]
      if (value === undefined || typeof value === 'string') return value?.replace(/\/+$/, '') || undefined
      return fail(`${key} is not a string`)
    },
    flag: (table, key) => {
      const value = table[key] ?? false
      return typeof value === 'boolean' ? value : fail(`${key} is not true or false`)
    },
    strings: (value, key) =>
      Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : fail(`${key} is not a list of strings`),
    tables: (value, key) => {
      if (value === undefined) return []
      return Array.isArray(value) && value.every(isTable) ? value : fail(`[[${key}]] is not a list of tables`)
    },
    aliases: (value) => {
      if (value === undefined) return {}
      if (!isTable(value)) return fail('[aliases] is not a table')
      return Object.fromEntries(
        Object.entries(value).map(([name, target]) => [name, typeof target === 'string' ? target : fail(`alias ${name} is not a string`)]),
      )
    },
  }
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseRule(table: Table, read: Reader, fail: Fail): RegistryRule {
  const location = read.text(table, 'location')
  const prefix = read.text(table, 'prefix') ?? location
  if (prefix === undefined) return fail('a [[registry]] has neither prefix nor location')
  checkPlace(prefix, 'prefix', fail)
  if (location !== undefined && location !== prefix) checkPlace(location, 'location', fail)
  if (location?.startsWith('*') === true) return fail(`location "${location}": only a prefix can have a wildcard`)
  const mirrorByDigestOnly = read.flag(table, 'mirror-by-digest-only')
  const mirrors = read.tables(table['mirror'], 'registry.mirror')
  if (mirrorByDigestOnly && mirrors.some((mirror) => mirror['pull-from-mirror'] !== undefined)) {
    return fail(`mirror-by-digest-only of ${prefix} and pull-from-mirror of its mirrors contradict each other`)
  }
  return {
    prefix,
    location: location ?? prefix,
    insecure: read.flag(table, 'insecure'),
    blocked: read.flag(table, 'blocked'),
    mirrorByDigestOnly,
    mirrors: mirrors.map((mirror) => parseMirror(mirror, read, fail)),
  }
}

/** A host with or without a port, and parts of a repository's name; no URL, no tag, no digest. */
function checkPlace(place: string, key: string, fail: Fail): void {
  if (/^\w+:\/\//.test(place)) fail(`${key} "${place}" has a scheme; write it without`)
  const [host = '', ...path] = place.split('/')
  const domain = key === 'prefix' ? host.replace(/^\*\./, '') : host
  if (!/^(?:[\w.-]+|\[[\da-fA-F:]+\])(?::\d+)?$/.test(domain)) fail(`${key} "${place}" does not begin with a host`)
  if (path.some((part) => /[@:]/.test(part))) fail(`${key} "${place}" names a tag or digest, which is not supported`)
  if (path.some((part) => !/^[\w.-]+$/.test(part))) fail(`${key} "${place}" is no name`)
}

function parseMirror(table: Table, read: Reader, fail: Fail): RegistryMirror {
  const location = read.text(table, 'location') ?? fail('a [[registry.mirror]] has no location')
  checkPlace(location, 'location', fail)
  const pullFrom = read.text(table, 'pull-from-mirror') ?? 'all'
  if (pullFrom !== 'all' && pullFrom !== 'digest-only' && pullFrom !== 'tag-only') return fail(`pull-from-mirror can't be "${pullFrom}"`)
  return { location, insecure: read.flag(table, 'insecure'), pullFrom }
}

function shortNameMode(value: unknown, fail: Fail): RegistriesConfig['shortNameMode'] | undefined {
  if (value === undefined || value === 'enforcing' || value === 'permissive' || value === 'disabled') return value
  return fail('short-name-mode is not enforcing, permissive or disabled')
}
