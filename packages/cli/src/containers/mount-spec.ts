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

const laterTypes = new Set(['image', 'devpts', 'ramfs', 'glob', 'artifact', 'npipe', 'cluster'])

/**
 * Reads `--mount`: fields `name=value` between commas, in quotes where a value has a comma (CSV, as docker).
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`
 */
export function parseMountSpec(text: string): ContainerMount {
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
  if (type === 'bind') return bindFrom(fields, flag)
  if (type === 'tmpfs') return tmpfsFrom(fields, flag)
  if (type === 'volume') return volumeFrom(fields, lists, flag)
  if (laterTypes.has(type))
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour ${flag}: podwright does not have mounts of type ${type} yet`)
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid type "${type}" in ${flag}: it is bind, tmpfs or volume`)
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
