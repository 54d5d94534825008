import type { ContainerMount, ContainerOptions, VolumesFrom } from '@podwright/contracts'
import type { ImageConfig } from '@podwright/oci'
import { probeSecurity, randomHex } from '@podwright/linux'
import { posix } from 'node:path'
import { lookUpContainer } from '../containers/lookup.ts'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'

/**
 * The mounts of a new container: its own; where it has none, those of the containers that it takes them from, the last one's first; where it has none of
 * those either, the image's volumes. Volumes without a name are given one.
 */
export async function resolveMounts(
  parts: EngineParts,
  options: ContainerOptions,
  config: ImageConfig,
): Promise<readonly ContainerMount[]> {
  const mounts: ContainerMount[] = []
  for (const mount of options.mounts ?? []) mounts.push(await resolved(parts, mount, options))
  const add = (mount: ContainerMount): void => {
    if (!mounts.some(({ target }) => placeOf(target) === placeOf(mount.target))) mounts.push(mount)
  }
  for (const from of (options.volumesFrom ?? []).toReversed()) for (const mount of await mountsOf(parts, from)) add(mount)
  for (const target of imageTargets(config)) {
    const mount = imageMount(target, options)
    if (mount !== undefined) add(mount)
  }
  return mounts
}

async function resolved(parts: EngineParts, mount: ContainerMount, options: ContainerOptions): Promise<ContainerMount> {
  checkMount(mount)
  if (mount.type === 'artifact') return (await import('./artifact-mounts.ts')).resolveArtifactMount(parts, mount)
  return named(mount, options)
}

function named(mount: ContainerMount, { volumeDriver }: ContainerOptions): ContainerMount {
  if (mount.type !== 'volume') return mount
  const driver = mount.volume?.driver ?? volumeDriver
  const volume = { ...mount.volume, ...(driver !== undefined && { driver }) }
  if (mount.source !== undefined) return { ...mount, volume }
  return { ...mount, source: randomHex(32), volume: { ...volume, anonymous: true } }
}

function checkMount({ target, relabel }: ContainerMount): void {
  if (relabel === undefined || probeSecurity().selinux === 'disabled') return
  const word = relabel === 'private' ? 'Z' : 'z'
  throw new EngineError(
    'ERR_CONTAINER_OPTION_INVALID',
    `cannot honour "${word}" for the mount on ${target}: podwright does not label files yet`,
    {
      hint: 'Label them yourself (chcon -R -t container_file_t DIR), and leave it out.',
    },
  )
}

/** Each container's own. */
const inMemory: ReadonlySet<ContainerMount['type']> = new Set(['tmpfs', 'ramfs', 'devpts'])

async function mountsOf(parts: EngineParts, { container, readOnly }: VolumesFrom): Promise<readonly ContainerMount[]> {
  const { settings } = lookUpContainer(await parts.store(), container)
  return settings.mounts
    .filter(({ type }) => !inMemory.has(type))
    .map((mount) => (readOnly === undefined ? mount : { ...mount, readOnly, options: withoutAccess(mount) }))
}

function withoutAccess({ options = [] }: ContainerMount): readonly string[] {
  return options.filter((option) => option !== 'ro' && option !== 'rw')
}

/** What an image says may be anything: a path that isn't one is left out, as docker does. */
function imageTargets({ config }: ImageConfig): readonly string[] {
  return Object.keys(config?.Volumes ?? {})
    .filter((target) => target !== '' && !target.includes('\0'))
    .map((target) => posix.resolve('/', target))
    .filter((target) => target !== '/')
    .toSorted()
}

function imageMount(target: string, { imageVolumes = 'volume', volumeDriver }: ContainerOptions): ContainerMount | undefined {
  if (imageVolumes === 'ignore') return undefined
  if (imageVolumes === 'tmpfs') return { type: 'tmpfs', target }
  const driver = volumeDriver === undefined ? {} : { driver: volumeDriver }
  return { type: 'volume', source: randomHex(32), target, volume: { ...driver, anonymous: true } }
}

function placeOf(target: string): string {
  return posix.resolve('/', target)
}
