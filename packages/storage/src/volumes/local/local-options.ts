import type { MountSpec, VolumePlan } from '@podwright/contracts'
import { posix } from 'node:path'
import { StorageError } from '../../errors.ts'

/** What the options of a local volume come to. */
export interface LocalVolume {
  /** What is mounted over its directory; undefined for one that is just that. */
  readonly mount: Omit<MountSpec, 'target'> | undefined
  /** Whom the directory shall belong to, as seen inside the namespace. */
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly sizeBytes: number | undefined
  readonly inodes: number | undefined
  readonly copiesUp: boolean
}

/** The words of `o` and the options, by name; those of `o` that are for mount(8) stay as they are. */
type Words = ReadonlyMap<string, string>

const mountNames = ['type', 'device', 'o']
const ownNames = ['uid', 'gid', 'size', 'inodes', 'quota', 'noquota', 'copy', 'nocopy']
const bindWords = new Set(['bind', 'rbind'])

/** File systems that an unprivileged user namespace may mount (FS_USERNS_MOUNT), and those that a helper mounts. */
const rootlessTypes = /^(none|bind|tmpfs|ramfs|overlay|fuse(\..+)?)$/

/**
 * Reads docker's and podman's options of a local volume.
 *
 * @throws `ERR_VOLUME_OPTION`, which names the option
 */
export function parseLocalOptions({ name, options }: Pick<VolumePlan, 'name' | 'options'>, rootless: boolean): LocalVolume {
  const refuse = (reason: string, hint?: string): never => {
    throw new StorageError('ERR_VOLUME_OPTION', `cannot make the volume ${name}: ${reason}`, {
      ...(hint !== undefined && { hint }),
      details: { name },
    })
  }
  for (const option of Object.keys(options)) {
    if (!mountNames.includes(option) && !ownNames.includes(option)) {
      refuse(`the driver local has no option "${option}"`, `Its options are ${[...mountNames, ...ownNames].join(', ')}.`)
    }
  }
  const words = (options['o'] ?? '').split(',').filter((word) => word !== '')
  const type = options['type'] ?? (words.some((word) => bindWords.has(word)) ? 'none' : undefined)
  const own = ownWords(options, type === undefined ? words : words.filter((word) => /^(no)?(copy|quota)$/.test(word)), refuse)
  const mount = type === undefined ? noMount(options, refuse) : mountOf({ options, words, type, rootless }, refuse)
  if (mount !== undefined) refuseOwn(own, type ?? '', refuse)
  return {
    mount,
    uid: idOf(own, 'uid', refuse),
    gid: idOf(own, 'gid', refuse),
    sizeBytes: sizeOf(own, refuse),
    inodes: idOf(own, 'inodes', refuse),
    copiesUp: !own.has('nocopy') && !isInMemory(type),
  }
}

/** Complains; never returns. */
type Refuse = (reason: string, hint?: string) => never

/** The options that are no mount's, wherever they were given. */
function ownWords(options: Readonly<Record<string, string>>, words: readonly string[], refuse: Refuse): Words {
  const given = ownNames.filter((option) => Object.hasOwn(options, option)).map((option) => [option, options[option] ?? ''] as const)
  const own = new Map<string, string>(given)
  for (const word of words) {
    const at = word.indexOf('=')
    const option = at < 0 ? word : word.slice(0, at)
    if (!ownNames.includes(option)) refuse(`"${word}" in the option "o" says how to mount something, and "type" does not say what`)
    own.set(option, at < 0 ? '' : word.slice(at + 1))
  }
  return own
}

function noMount(options: Readonly<Record<string, string>>, refuse: Refuse): undefined {
  if (options['device'] !== undefined)
    refuse('the option "device" needs the option "type"', 'For a directory of the host: type=none, o=bind.')
  return undefined
}

function mountOf(
  given: {
    readonly options: Readonly<Record<string, string>>
    readonly words: readonly string[]
    readonly type: string
    readonly rootless: boolean
  },
  refuse: Refuse,
): Omit<MountSpec, 'target'> {
  const { options, words, type } = given
  if (!/^[a-z0-9][a-z0-9_.-]*$/i.test(type)) refuse(`the option "type" is no file system: ${JSON.stringify(type)}`)
  if (given.rootless && !rootlessTypes.test(type)) {
    refuse(
      `a user namespace may not mount what the option "type" asks for, ${type}`,
      'As root it can be mounted; rootless can tmpfs and bind.',
    )
  }
  const isBind = words.some((word) => bindWords.has(word)) || type === 'bind'
  const device = options['device'] ?? (isInMemory(type) ? type : refuse('the option "type" needs the option "device"'))
  if (isBind && !posix.isAbsolute(device)) refuse(`the option "device" is no absolute path: ${JSON.stringify(device)}`)
  if (/[\0\n]/.test(device + words.join(','))) refuse('an option has a line break in it')
  const mountWords = words.filter((word) => !/^(no)?(copy|quota)$/.test(word))
  const bindWord = isBind && !mountWords.some((word) => bindWords.has(word)) ? ['bind'] : []
  return { type: isBind ? 'none' : type, source: device, options: [...bindWord, ...mountWords] }
}

function refuseOwn(own: Words, type: string, refuse: Refuse): void {
  for (const option of ['uid', 'gid', 'size', 'inodes']) {
    if (own.has(option))
      refuse(`the option "${option}" is for a volume without "type"`, `For ${type}, give it in the option "o", as to mount(8).`)
  }
}

function isInMemory(type: string | undefined): boolean {
  return type === 'tmpfs' || type === 'ramfs'
}

function idOf(own: Words, option: string, refuse: Refuse): number | undefined {
  const text = own.get(option)
  if (text === undefined) return undefined
  if (!/^\d{1,10}$/.test(text) || Number(text) > 0xffff_fffe) refuse(`the option "${option}" is no number: ${JSON.stringify(text)}`)
  return Number(text)
}

const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 }

function sizeOf(own: Words, refuse: Refuse): number | undefined {
  const text = own.get('size')
  if (text === undefined) return undefined
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([bkmgtp]?)(?:i?b)?$/i.exec(text) ?? []
  const bytes = Math.floor(Number(amount) * (units[unit.toLowerCase()] ?? 0))
  if (amount === undefined || bytes <= 0 || !Number.isSafeInteger(bytes)) refuse(`the option "size" is no size: ${JSON.stringify(text)}`)
  return bytes
}
