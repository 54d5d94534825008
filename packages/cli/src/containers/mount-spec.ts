import type { ContainerMount } from '@podwright/contracts'
import { CliError } from '../errors.ts'
import { readNamedValues } from '../volumes/named-values.ts'
import { bindMount, checkTarget } from './mounts.ts'
import { volumeMount } from './volume-mount.ts'

/** What stands before and after the `=` of each field. */
type Fields = ReadonlyMap<string, string>

const spellings: Readonly<Record<string, string>> = {
  src: 'source',
  target: 'destination',
  dst: 'destination',
  ro: 'readonly',
  chown: 'U',
  u: 'U',
}

/** Fields that may stand there several times. */
const repeated = ['volume-opt', 'volume-label']

const laterTypes = new Set(['artifact', 'npipe', 'cluster'])

/**
 * Reads `--mount`: fields `name=value` between commas, in quotes where a value has a comma (CSV, as docker). One mount, or, for a pattern, as many as
 * match.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`
 */
export function parseMountSpec(text: string): readonly ContainerMount[] {
  const flag = `--mount ${text}`
  const fields = new Map<string, string>()
  const lists = new Map<string, string[]>()
  for (const field of splitFields(text)) {
    const at = field.indexOf('=')
    const spelled = (at < 0 ? field : field.slice(0, at)).toLowerCase()
    const name = spellings[spelled] ?? spelled
    const value = at < 0 ? 'true' : field.slice(at + 1)
    if (repeated.includes(name)) lists.set(name, [...(lists.get(name) ?? []), value])
    else fields.set(name, value)
  }
  const type = fields.get('type') ?? 'volume'
  if (type !== 'volume') for (const name of lists.keys()) throw unknownField(name, flag)
  if (type === 'glob') return globFrom(fields, flag)
  if (type === 'bind') return [bindFrom(fields, flag)]
  if (type === 'tmpfs') return [tmpfsFrom(fields, flag)]
  if (type === 'ramfs' || type === 'devpts') return [memoryFrom(type, fields, flag)]
  if (type === 'image') return [imageFrom(fields, flag)]
  if (type === 'volume') return [volumeFrom(fields, lists, flag)]
  if (laterTypes.has(type))
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour ${flag}: podwright does not have mounts of type ${type} yet`)
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid type "${type}" in ${flag}: it is bind, glob, volume, image, tmpfs, ramfs or devpts`)
}

function bindFrom(fields: Fields, flag: string): ContainerMount {
  const words: string[] = []
  for (const [name, value] of fields) {
    if (name === 'type' || name === 'source' || name === 'destination') continue
    if (name === 'readonly') words.push(isTrue(value, name, flag) ? 'ro' : 'rw')
    else if (name === 'rw') words.push(isTrue(value, name, flag) ? 'rw' : 'ro')
    else if (name === 'bind-propagation') words.push(value)
    else if (name === 'bind-nonrecursive') words.push(isTrue(value, name, flag) ? 'bind' : 'rbind')
    else if (name === 'relabel') words.push(value === 'private' ? 'Z' : 'z')
    else if (name === 'consistency') words.push('consistent')
    else if (name === 'U') words.push(...(isTrue(value, name, flag) ? ['U'] : []))
    else if (value === 'true') words.push(name)
    else throw unknownField(name, flag)
  }
  return bindMount({ source: required(fields, 'source', flag), target: required(fields, 'destination', flag), words, flag })
}

/** One bind mount for each file of this host that a pattern matches: in the destination under its own name, or, without one, in the same place as here. */
function globFrom(fields: Fields, flag: string): readonly ContainerMount[] {
  const { globSync } = process.getBuiltinModule('node:fs')
  const { basename, posix, resolve } = process.getBuiltinModule('node:path')
  const matches = globSync(required(fields, 'source', flag)).toSorted()
  if (matches.length === 0) throw new CliError('ERR_CLI_FLAG_VALUE', `nothing on this host matches the source of ${flag}`)
  const directory = fields.get('destination')
  return matches.map((match) => {
    const destination = directory === undefined ? resolve(match) : posix.join(directory, basename(match))
    return bindFrom(new Map([...fields, ['source', match], ['destination', destination]]), flag)
  })
}

/** Read-only, unless it is said otherwise. */
function imageFrom(fields: Fields, flag: string): ContainerMount {
  let readOnly = true
  for (const [name, value] of fields) {
    if (name === 'type' || name === 'source' || name === 'destination') continue
    if (name === 'readonly') readOnly = isTrue(value, name, flag)
    else if (name === 'rw' || name === 'readwrite') readOnly = !isTrue(value, name, flag)
    else if (name === 'subpath' || name === 'image-subpath') throw later(name, flag)
    else throw unknownField(name, flag)
  }
  const target = checkTarget(required(fields, 'destination', flag), flag)
  return { type: 'image', source: required(fields, 'source', flag), target, readOnly }
}

function memoryFrom(type: 'ramfs' | 'devpts', fields: Fields, flag: string): ContainerMount {
  const options: string[] = []
  let readOnly = false
  for (const [name, value] of fields) {
    if (name === 'type' || name === 'destination') continue
    if (name === 'readonly') readOnly = isTrue(value, name, flag)
    else if (type === 'devpts' && ['uid', 'gid', 'max'].includes(name)) options.push(`${name}=${numeric(value, name, flag)}`)
    else if (type === 'devpts' && name === 'mode') options.push(`mode=${octal(value, flag)}`)
    else if (value === 'true' && memoryWords.has(name)) options.push(name)
    else throw unknownField(name, flag)
  }
  return {
    type,
    target: checkTarget(required(fields, 'destination', flag), flag),
    ...(readOnly && { readOnly }),
    ...(options.length > 0 && { options }),
  }
}

/** Options that mount(2) has for every file system. */
const memoryWords = new Set(['exec', 'noexec', 'suid', 'nosuid', 'dev', 'nodev'])

function numeric(value: string, name: string, flag: string): string {
  if (/^\d+$/.test(value)) return value
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${value}" of ${name} in ${flag}: it is a number`)
}

function octal(value: string, flag: string): string {
  if (/^[0-7]{3,4}$/.test(value)) return value
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${value}" of mode in ${flag}: it is three or four octal digits`)
}

/** docker's fields and podman's. */
function volumeFrom(fields: Fields, lists: ReadonlyMap<string, readonly string[]>, flag: string): ContainerMount {
  const words: string[] = []
  let driver: string | undefined
  for (const [name, value] of fields) {
    if (name === 'type' || name === 'source' || name === 'destination') continue
    if (name === 'readonly') words.push(isTrue(value, name, flag) ? 'ro' : 'rw')
    else if (name === 'rw') words.push(isTrue(value, name, flag) ? 'rw' : 'ro')
    else if (name === 'volume-nocopy' || name === 'nocopy') words.push(isTrue(value, name, flag) ? 'nocopy' : 'copy')
    else if (name === 'volume-driver') driver = value
    else if (name === 'relabel') words.push(value === 'private' ? 'Z' : 'z')
    else if (name === 'consistency') words.push('consistent')
    else if (name === 'subpath' || name === 'volume-subpath') throw later(name, flag)
    else if (name === 'U') words.push(...(isTrue(value, name, flag) ? ['U'] : []))
    else if (value === 'true') words.push(name)
    else throw unknownField(name, flag)
  }
  const options = readNamedValues(`volume-opt in ${flag}`, lists.get('volume-opt') ?? [])
  const labels = readNamedValues(`volume-label in ${flag}`, lists.get('volume-label') ?? [])
  const use = {
    ...(driver !== undefined && { driver }),
    ...(Object.keys(options).length > 0 && { options }),
    ...(Object.keys(labels).length > 0 && { labels }),
  }
  const source = fields.get('source')
  return volumeMount({ name: source === '' ? undefined : source, target: required(fields, 'destination', flag), words, flag, use })
}

function later(name: string, flag: string): CliError {
  return new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour "${name}" of ${flag}: podwright does not have it yet`)
}

function tmpfsFrom(fields: Fields, flag: string): ContainerMount {
  const options: string[] = []
  let readOnly = false
  for (const [name, value] of fields) {
    if (name === 'type' || name === 'destination') continue
    if (name === 'readonly') readOnly = isTrue(value, name, flag)
    else if (name === 'tmpfs-size') options.push(`size=${value}`)
    else if (name === 'tmpfs-mode') options.push(`mode=${value}`)
    else if (name !== 'source' && value === 'true') options.push(name)
    else throw unknownField(name, flag)
  }
  return {
    type: 'tmpfs',
    target: checkTarget(required(fields, 'destination', flag), flag),
    ...(readOnly && { readOnly }),
    ...(options.length > 0 && { options }),
  }
}

function required(fields: Fields, name: string, flag: string): string {
  const value = fields.get(name)
  if (value === undefined || value === '') throw new CliError('ERR_CLI_FLAG_VALUE', `${flag} has no ${name}`)
  return value
}

function isTrue(value: string, name: string, flag: string): boolean {
  if (value === 'true' || value === '1') return true
  if (value === 'false' || value === '0') return false
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${value}" of ${name} in ${flag}: it is true or false`)
}

function unknownField(name: string, flag: string): CliError {
  return new CliError('ERR_CLI_FLAG_VALUE', `unknown field "${name}" in ${flag}`, { details: { field: name } })
}

/** The fields of one CSV record: `a,"b,c","d""e"`. */
function splitFields(text: string): readonly string[] {
  return Array.from(
    text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g),
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )
}
