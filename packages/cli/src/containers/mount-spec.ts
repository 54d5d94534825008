import type { ContainerMount } from '@podwright/contracts'
import { CliError } from '../errors.ts'
import { bindMount, checkTarget, laterVolume } from './mounts.ts'

/** What stands before and after the `=` of each field. */
type Fields = ReadonlyMap<string, string>

const spellings: Readonly<Record<string, string>> = {
  src: 'source',
  target: 'destination',
  dst: 'destination',
  ro: 'readonly',
}

const laterTypes = new Set(['volume', 'image', 'devpts', 'ramfs', 'glob', 'artifact', 'npipe', 'cluster'])

/**
 * Reads `--mount`: fields `name=value` between commas, in quotes where a value has a comma (CSV, as docker).
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`
 */
export function parseMountSpec(text: string): ContainerMount {
  const flag = `--mount ${text}`
  const fields = new Map<string, string>()
  for (const field of splitFields(text)) {
    const at = field.indexOf('=')
    const name = (at < 0 ? field : field.slice(0, at)).toLowerCase()
    fields.set(spellings[name] ?? name, at < 0 ? 'true' : field.slice(at + 1))
  }
  const type = fields.get('type') ?? 'volume'
  if (type === 'bind') return bindFrom(fields, flag)
  if (type === 'tmpfs') return tmpfsFrom(fields, flag)
  if (type === 'volume') throw laterVolume(flag)
  if (laterTypes.has(type))
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour ${flag}: podwright does not have mounts of type ${type} yet`)
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid type "${type}" in ${flag}: it is bind or tmpfs`)
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
    else if (value === 'true') words.push(name)
    else throw unknownField(name, flag)
  }
  return bindMount({ source: required(fields, 'source', flag), target: required(fields, 'destination', flag), words, flag })
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
