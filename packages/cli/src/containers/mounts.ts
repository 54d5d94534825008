import type { ContainerMount } from '@podwright/contracts'
import { CliError } from '../errors.ts'
import { parseMountSpec } from './mount-spec.ts'
import { volumeMount } from './volume-mount.ts'

/** Options of a bind mount that mount(2) is given. */
const kernelOptions = new Set(
  'rw rro exec noexec suid nosuid dev nodev bind rbind private rprivate shared rshared slave rslave unbindable runbindable'.split(' '),
)

/** What is done about the files: read-only, given to the container's user, labelled. */
const ownWords = new Set(['ro', 'U', 'z', 'Z'])

/** Options that other engines need where a virtual machine lies between; here they ask for what is so anyway. */
const acceptedOptions = new Set(['cached', 'consistent', 'delegated'])

/**
 * The mounts that `--volume`, `--mount` and `--tmpfs` ask for.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`, `ERR_CLI_FLAG_CONFLICT` for two mounts on one place
 */
export function readMounts(flags: {
  readonly volume: readonly string[]
  readonly mount: readonly string[]
  readonly tmpfs: readonly string[]
}): readonly ContainerMount[] {
  const mounts = [...flags.volume.map(parseVolume), ...flags.mount.flatMap(parseMountSpec), ...flags.tmpfs.map(parseTmpfs)]
  const targets = new Set<string>()
  for (const { target } of mounts) {
    if (targets.has(target)) throw new CliError('ERR_CLI_FLAG_CONFLICT', `two mounts go to ${target}: give one`, { details: { target } })
    targets.add(target)
  }
  return mounts
}

/** `SOURCE:TARGET[:OPTION,…]`, or `TARGET` alone for an anonymous volume. A source that is no path is a volume's name. */
function parseVolume(text: string): ContainerMount {
  const parts = text.split(':')
  const [source = '', target, options = ''] = parts
  const flag = `--volume ${text}`
  if (target === undefined) return volumeMount({ name: undefined, target: source, words: [], flag })
  if (parts.length > 3 || source === '' || target === '') {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --volume: it is not DIR, SOURCE:DIR or SOURCE:DIR:OPTIONS`)
  }
  const words = options === '' ? [] : options.split(',')
  return /^[./~]/.test(source) ? bindMount({ source, target, words, flag }) : volumeMount({ name: source, target, words, flag })
}

/** `TARGET[:OPTION,…]`. */
function parseTmpfs(text: string): ContainerMount {
  const at = text.indexOf(':')
  const target = at < 0 ? text : text.slice(0, at)
  const options =
    at < 0
      ? []
      : text
          .slice(at + 1)
          .split(',')
          .filter((option) => option !== '')
  return { type: 'tmpfs', target: checkTarget(target, `--tmpfs ${text}`), ...(options.length > 0 && { options }) }
}

/** A bind mount from its words. @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED` */
export function bindMount(mount: {
  readonly source: string
  readonly target: string
  readonly words: readonly string[]
  readonly flag: string
}): ContainerMount {
  const maps = mount.words.filter(isIdMapWord)
  if (maps.length > 1) throw new CliError('ERR_CLI_FLAG_CONFLICT', `idmap stands twice in ${mount.flag}: give one`)
  for (const map of maps) checkIdMapWord(map, mount.flag)
  const { options = [], ...rest } = splitWords(
    mount.words.filter((word) => !isIdMapWord(word)),
    mount.flag,
  )
  const all = [...options, ...maps]
  return {
    type: 'bind',
    source: process.getBuiltinModule('node:path').resolve(mount.source),
    target: checkTarget(mount.target, mount.flag),
    ...rest,
    ...(all.length > 0 && { options: all }),
  }
}

function isIdMapWord(word: string): boolean {
  return /^idmap(?:=|$)/.test(word)
}

/** `idmap`, or `idmap=uids=FROM-TO-SIZE#…;gids=FROM-TO-SIZE#…`, as podman has it: ids of the files, then those on the host, or, after an `@`, in the container. */
function checkIdMapWord(word: string, flag: string): void {
  if (word === 'idmap') return
  const sides = word.slice('idmap='.length).split(';')
  const names = sides.map((side) => side.slice(0, side.indexOf('=')))
  const isWhole = sides.every((side) => /^[ug]ids=@?\d+-\d+-[1-9]\d*(?:#@?\d+-\d+-[1-9]\d*)*$/.test(side))
  if (isWhole && names.toSorted().join(' ') === 'gids uids') return
  throw new CliError(
    'ERR_CLI_FLAG_VALUE',
    `invalid map "${word}" in ${flag}: it is idmap=uids=FROM-TO-SIZE;gids=FROM-TO-SIZE, with more of them after a #`,
  )
}

/**
 * What the words after a mount ask for, besides its places.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`, `ERR_CLI_FLAG_CONFLICT`
 */
export function splitWords(
  words: readonly string[],
  flag: string,
): Pick<ContainerMount, 'readOnly' | 'options' | 'changeOwner' | 'relabel'> {
  for (const word of words) {
    if (!ownWords.has(word) && !kernelOptions.has(word) && !acceptedOptions.has(word)) throw laterOption(word, flag)
  }
  for (const [one, other] of [
    ['ro', 'rw'],
    ['z', 'Z'],
  ] as const) {
    if (words.includes(one) && words.includes(other)) {
      throw new CliError('ERR_CLI_FLAG_CONFLICT', `${one} and ${other} contradict each other in ${flag}`)
    }
  }
  const options = words.filter((word) => kernelOptions.has(word) && word !== 'rw')
  return {
    ...(words.includes('ro') && { readOnly: true }),
    ...(options.length > 0 && { options }),
    ...(words.includes('U') && { changeOwner: true }),
    ...(words.includes('z') && { relabel: 'shared' as const }),
    ...(words.includes('Z') && { relabel: 'private' as const }),
  }
}

/** @throws CliError `ERR_CLI_FLAG_VALUE` unless it is absolute and not the root */
export function checkTarget(target: string, flag: string): string {
  const path = process.getBuiltinModule('node:path').posix
  if (!path.isAbsolute(target) || path.normalize(target) === '/') {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid destination "${target}" in ${flag}: it is not an absolute path below /`)
  }
  return target
}

function laterOption(option: string, flag: string): CliError {
  if (isIdMapWord(option)) {
    return new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour the option "${option}" of ${flag}: a volume has the container's ids anyway`)
  }
  const known = /^(O|upperdir=.*|workdir=.*|copy|nocopy)$/.test(option)
  return known
    ? new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour the option "${option}" of ${flag}: podwright does not have it yet`)
    : new CliError('ERR_CLI_FLAG_VALUE', `invalid option "${option}" in ${flag}`, { details: { option } })
}
