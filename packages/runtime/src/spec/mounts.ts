import type { RuntimeMount } from '@podwright/oci'
import { posix } from 'node:path'
import { RuntimeError } from '../errors.ts'
import { defaultMounts } from './default-mounts.ts'
import type { DeviceInput, MountInput, SpecInput } from './spec-input.ts'

const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable']

/** Options that say the opposite of each other; the caller's takes the place of the default. */
const opposites: readonly (readonly string[])[] = [
  ['ro', 'rw'],
  ['suid', 'nosuid'],
  ['dev', 'nodev'],
  ['exec', 'noexec'],
  ['tmpcopyup', 'notmpcopyup'],
  ['bind', 'rbind'],
  propagations,
]

/** All mounts of a container, shallow targets first, as the order of mounting has to be. */
export function containerMounts(input: SpecInput): readonly RuntimeMount[] {
  const own = [...(input.mounts ?? []).map(toMount), ...deviceMounts(input)]
  const targets = new Set<string>()
  for (const { destination } of own) {
    if (targets.has(destination)) {
      throw new RuntimeError('ERR_MOUNT_OPTION', `two mounts have the same target ${destination}`, { details: { target: destination } })
    }
    targets.add(destination)
  }
  // Whoever mounts a /dev of their own wants nothing of ours in it.
  const hidden = (path: string): boolean => targets.has(path) || (targets.has('/dev') && path.startsWith('/dev/'))
  const all = [...defaultMounts(input).filter(({ destination }) => !hidden(destination)), ...own]
  return all
    .map((mount) => ({ mount, depth: depthOf(mount.destination) }))
    .toSorted((a, b) => a.depth - b.depth)
    .map(({ mount }) => mount)
}

/** What the root must be for mounts in the container to reach the host, or the other way round. */
export function rootPropagation(mounts: readonly RuntimeMount[]): string | undefined {
  const has = (names: readonly string[]): boolean => mounts.some(({ options }) => options?.some((option) => names.includes(option)))
  return has(['shared', 'rshared']) ? 'shared' : has(['slave', 'rslave']) ? 'rslave' : undefined
}

/** In a user namespace no device can be made, so the host's is bound over an empty file. */
function deviceMounts({ host, resources }: SpecInput): readonly RuntimeMount[] {
  if (!host.rootless) return []
  return (resources?.devices ?? []).map(({ source, target = source }: DeviceInput) => ({
    destination: target,
    type: 'bind',
    source,
    options: ['rslave', 'nosuid', 'noexec', 'rw', 'rbind'],
  }))
}

function depthOf(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1
}

function toMount(input: MountInput): RuntimeMount {
  if (input.type === 'raw') return input.mount
  const destination = validTarget(input.target)
  const given = checkedOptions(input.options ?? [], input.readOnly, destination)
  if (input.type === 'tmpfs') {
    const options = merge(['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup'], given)
    // The runtimes copy up when they are told to, and know no opposite.
    return { destination, type: 'tmpfs', source: 'tmpfs', options: options.filter((option) => option !== 'notmpcopyup') }
  }
  if (!posix.isAbsolute(input.source)) {
    throw new RuntimeError('ERR_MOUNT_OPTION', `the source ${JSON.stringify(input.source)} of the mount on ${destination} is not absolute`)
  }
  return { destination, type: 'bind', source: input.source, options: merge(['rw', 'rprivate', 'rbind'], given) }
}

function validTarget(target: string): string {
  const clean = posix.normalize(target).replace(/(?<=.)\/$/, '')
  if (posix.isAbsolute(clean) && clean !== '/') return clean
  throw new RuntimeError('ERR_MOUNT_OPTION', `cannot mount on ${JSON.stringify(target)}: the target must be absolute and not the root`, {
    details: { target },
  })
}

/** The caller's words, with `readOnly` among them; two that contradict each other are an error. */
function checkedOptions(options: readonly string[], readOnly: boolean | undefined, target: string): readonly string[] {
  const words = options.flatMap((option) => option.split(',')).filter(Boolean)
  if (readOnly !== undefined) words.push(readOnly ? 'ro' : 'rw')
  for (const group of opposites) {
    const chosen = [...new Set(words.filter((word) => group.includes(word)))]
    if (chosen.length > 1) {
      throw new RuntimeError('ERR_MOUNT_OPTION', `the mount on ${target} can not be both ${chosen.join(' and ')}`, { details: { target } })
    }
  }
  return [...new Set(words)]
}

function merge(defaults: readonly string[], given: readonly string[]): readonly string[] {
  const kept = defaults.filter((word) => !opposites.some((group) => group.includes(word) && given.some((other) => group.includes(other))))
  return [...given, ...kept]
}
