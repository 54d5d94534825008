import type { ContainerMount } from '@podwright/contracts'
import { CliError } from '../errors.ts'
import { csvFields } from './csv-fields.ts'
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

const laterTypes = new Set(['npipe', 'cluster'])

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
  for (const field of csvFields(text)) {
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
  if (type === 'volume') return [volumeFrom(fields, lists, flag)]
  if (type === 'image') return [imageFrom(fields, flag)]
  if (type === 'artifact') return [artifactFrom(fields, flag)]
  if (laterTypes.has(type))
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour ${flag}: podwright does not have mounts of type ${type} yet`)
  throw new CliError(
    'ERR_CLI_FLAG_VALUE',
    `invalid type "${type}" in ${flag}: it is bind, glob, volume, image, artifact, tmpfs, ramfs or devpts`,
  )
}

function bindFrom(fields: Fields, flag: string): ContainerMount {
  const words: string[] = []
  for (const [name, value] of fields) {
    if (name === 'type' || name === 'source' || name === 'destination') continue
    if (name === 'readonly') words.push(isTrue(value, name, flag) ? 'ro' : 'rw')
    else if (name === 'rw') words.push(isTrue(value, name, flag) ? 'rw' : 'ro')
    else if (name === 'bind-propagation') words.push(readPropagation(value, flag))
    else if (name === 'bind-recursive') words.push(...recursionWords(value, flag))
    else if (name === 'bind-nonrecursive') words.push(isTrue(value, name, flag) ? 'bind' : 'rbind')
    else if (name === 'relabel') words.push(readRelabel(value, flag))
    else if (name === 'consistency') checkConsistency(value, flag)
    else if (name === 'U') words.push(...(isTrue(value, name, flag) ? ['U'] : []))
    else if (name === 'idmap') words.push(...idMapWords(value))
    else if (value === 'true') words.push(name)
    else throw unknownField(name, flag)
  }
  if (words.includes('rro') && !words.includes('ro'))
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `bind-recursive=readonly needs readonly in ${flag}`)
  return bindMount({ source: required(fields, 'source', flag), target: required(fields, 'destination', flag), words, flag })
}

/** With a map of its own, the container's, or none. */
function idMapWords(value: string): readonly string[] {
  if (value === 'false') return []
  return [value === 'true' ? 'idmap' : `idmap=${value}`]
}

function readPropagation(value: string, flag: string): string {
  if (/^r?(?:private|shared|slave|unbindable)$/.test(value)) return value
  throw new CliError(
    'ERR_CLI_FLAG_VALUE',
    `invalid bind-propagation "${value}" in ${flag}: it is private, shared, slave or unbindable, or one of these after an "r"`,
  )
}

/** docker's words for what becomes of mounts below the source. Here they are what the mount itself is, or, where it is read-only, may be written to. */
function recursionWords(value: string, flag: string): readonly string[] {
  if (value === 'enabled' || value === 'writable') return ['rbind']
  if (value === 'disabled') return ['bind']
  if (value === 'readonly') return ['rbind', 'rro']
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid bind-recursive "${value}" in ${flag}: it is enabled, disabled, writable or readonly`)
}

function readRelabel(value: string, flag: string): string {
  if (value === 'private') return 'Z'
  if (value === 'shared') return 'z'
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid relabel "${value}" in ${flag}: it is shared or private`)
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
  let subpath: string | undefined
  for (const [name, value] of fields) {
    if (name === 'type' || name === 'source' || name === 'destination') continue
    if (name === 'readonly') words.push(isTrue(value, name, flag) ? 'ro' : 'rw')
    else if (name === 'rw') words.push(isTrue(value, name, flag) ? 'rw' : 'ro')
    else if (name === 'volume-nocopy' || name === 'nocopy') words.push(isTrue(value, name, flag) ? 'nocopy' : 'copy')
    else if (name === 'volume-driver') driver = value
    else if (name === 'relabel') words.push(readRelabel(value, flag))
    else if (name === 'consistency') checkConsistency(value, flag)
    else if (name === 'subpath' || name === 'volume-subpath') subpath = readSubpath(value, flag)
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
  const mount = volumeMount({ name: source === '' ? undefined : source, target: required(fields, 'destination', flag), words, flag, use })
  return subpath === undefined ? mount : { ...mount, subpath }
}

/** docker's fields and podman's. Read-only, unless it is asked for otherwise. */
function imageFrom(fields: Fields, flag: string): ContainerMount {
  let readOnly = true
  let subpath: string | undefined
  for (const [name, value] of fields) {
    if (name === 'type' || name === 'source' || name === 'destination') continue
    if (name === 'readonly') readOnly = isTrue(value, name, flag)
    else if (name === 'rw' || name === 'readwrite') readOnly = !isTrue(value, name, flag)
    else if (name === 'subpath' || name === 'image-subpath') subpath = readSubpath(value, flag)
    else if (name === 'consistency') checkConsistency(value, flag)
    else throw unknownField(name, flag)
  }
  const source = required(fields, 'source', flag)
  const target = checkTarget(required(fields, 'destination', flag), flag)
  return { type: 'image', source, target, readOnly, ...(subpath !== undefined && { subpath }) }
}

function artifactFrom(fields: Fields, flag: string): ContainerMount {
  const use: { title?: string; digest?: string; name?: string } = {}
  for (const [name, value] of fields) {
    if (name === 'type' || name === 'source' || name === 'destination') continue
    if (name === 'title' || name === 'digest' || name === 'name') use[name] = required(fields, name, flag)
    else if (name === 'readonly' && isTrue(value, name, flag)) continue
    else throw unknownField(name, flag)
  }
  const source = required(fields, 'source', flag)
  const target = checkTarget(required(fields, 'destination', flag), flag)
  return { type: 'artifact', source, target, ...(Object.keys(use).length > 0 && { artifact: use }) }
}

/** A path in what is mounted; without a part that leads up, so that it means what it says. */
function readSubpath(value: string, flag: string): string {
  const parts = value.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length > 0 && !parts.includes('..')) return parts.join('/')
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid subpath "${value}" in ${flag}: it is a path below what is mounted, without ".."`)
}

function checkConsistency(value: string, flag: string): void {
  if (['consistent', 'cached', 'delegated', 'default'].includes(value)) return
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid consistency "${value}" in ${flag}: it is consistent, cached, delegated or default`)
}

function tmpfsFrom(fields: Fields, flag: string): ContainerMount {
  const options: string[] = []
  let readOnly = false
  let changeOwner = false
  for (const [name, value] of fields) {
    if (name === 'type' || name === 'destination') continue
    if (name === 'readonly') readOnly = isTrue(value, name, flag)
    else if (name === 'rw') readOnly = !isTrue(value, name, flag)
    else if (name === 'U') changeOwner = isTrue(value, name, flag)
    else if (name === 'consistency') checkConsistency(value, flag)
    else if (name === 'tmpfs-size' || name === 'size') options.push(`size=${value}`)
    else if (name === 'tmpfs-mode' || name === 'mode') options.push(`mode=${octal(value, flag)}`)
    else if (tmpfsValues.has(name)) options.push(`${name}=${value}`)
    else if (value === 'true' && (memoryWords.has(name) || tmpfsWords.has(name))) options.push(name)
    else throw unknownField(name, flag)
  }
  return {
    type: 'tmpfs',
    target: checkTarget(required(fields, 'destination', flag), flag),
    ...(readOnly && { readOnly }),
    ...(options.length > 0 && { options }),
    ...(changeOwner && { changeOwner }),
  }
}

/** What else tmpfs(5) takes. */
const tmpfsValues = new Set(['uid', 'gid', 'nr_blocks', 'nr_inodes', 'huge', 'mpol'])
const tmpfsWords = new Set(
  'tmpcopyup notmpcopyup noatime relatime strictatime nodiratime private rprivate shared rshared slave rslave unbindable runbindable'.split(
    ' ',
  ),
)

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
