import type { ContainerMount, IdMap, Snapshot, VolumeStore } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError } from '@podwright/conventions'
import type { RuntimeSpec } from '@podwright/oci'
import { toHost } from '@podwright/userns'
import { existsSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { containerFiles } from '../containers/files.ts'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRow, ContainerSettings } from '../state/record.ts'
import { isImageMount, mountImageFor, unmountImages } from './image-mounts.ts'
import { isVolumeMount, type VolumeMount } from './uses-volumes.ts'
import type { VolumePart } from './verify-subpaths.ts'

/** What of a container its volumes need. */
type Subject = Pick<ContainerRow, 'id' | 'mounts'> & { readonly settings?: Pick<ContainerSettings, 'idMap'> }

/**
 * Makes a new container's volumes where they aren't there, keeps them for it, and fills those that never had content from its tree; gives it names for the files of artifacts. Done twice, it does nothing more; that it was done is noted in the container's directory.
 */
export async function prepareVolumes(parts: EngineParts, subject: Subject, snapshot: Snapshot, options: AbortOptions = {}): Promise<void> {
  if (subject.mounts.some(({ type }) => type === 'artifact')) await (await import('./artifact-mounts.ts')).linkArtifacts(parts, subject)
  const volumes = await parts.volumes()
  for (const mount of volumeMounts(subject)) {
    const { driver, options: driverOptions, labels, anonymous, noCopy } = mount.volume ?? {}
    const request = { name: mount.source, driver, options: driverOptions, labels, anonymous: anonymous ?? false, signal: options.signal }
    const { needsCopyUp } = await volumes.create({ ...request, existing: 'any', holder: subject.id })
    if (needsCopyUp) await giveToRoot(volumes, mount, subject.settings?.idMap, options)
    if (needsCopyUp && noCopy !== true) await copyUp(volumes, subject, mount, snapshot, options)
  }
  writeFileSync(preparedFile(parts, subject), '', { mode: 0o600 })
}

/** A new volume is ours. In a user namespace that has no id for us, it would be nobody's. */
async function giveToRoot(volumes: VolumeStore, { source }: VolumeMount, idMap: IdMap | undefined, options: AbortOptions): Promise<void> {
  if (idMap === undefined || idMap.uids.some(({ hostId }) => hostId === 0)) return
  await volumes.changeOwner(source, outside(idMap, { uid: 0, gid: 0 }), options)
}

/** Ids of a container as the engine sees them. */
function outside(idMap: IdMap | undefined, { uid, gid }: Owner): Owner {
  return { uid: toHost(idMap?.uids ?? [], uid) ?? uid, gid: toHost(idMap?.gids ?? [], gid) ?? gid }
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

/** What a container has mounted, for whoever mounts it. */
export interface ReadyMounts {
  /** As a runtime can carry them out. */
  readonly mounts: readonly ContainerMount[]
  /** Of the mounts, what the kernel is to be asked about once they are made. */
  readonly parts: readonly VolumePart[]
}

/**
 * Has the content of volumes, images and artifacts where the answer says. A volume that is gone is an error, unless the container's creation was cut short.
 */
export async function mountVolumes(
  parts: EngineParts,
  subject: Subject,
  snapshot: Snapshot,
  options: AbortOptions = {},
): Promise<ReadyMounts> {
  if (!existsSync(preparedFile(parts, subject))) await prepareVolumes(parts, subject, snapshot, options)
  const mounts: ContainerMount[] = []
  const volumeParts: VolumePart[] = []
  for (const mount of subject.mounts) {
    if (isVolumeMount(mount)) {
      const made = await mountOne(parts, subject, mount, snapshot, options)
      mounts.push(made.bind)
      if (made.part !== undefined) volumeParts.push(made.part)
    } else if (mount.type === 'artifact') {
      mounts.push(...(await import('./artifact-mounts.ts')).artifactBinds(parts, subject, mount, snapshot))
    } else mounts.push(isImageMount(mount) ? await mountImageFor(parts, subject, mount, options) : mount)
  }
  return { mounts, parts: volumeParts }
}

/** Undoes `mountVolumes`. */
export async function unmountVolumes(parts: EngineParts, subject: Subject): Promise<void> {
  await unmountImages(parts, subject)
  const volumes = await parts.volumes()
  for (const { source } of volumeMounts(subject)) {
    await volumes.unmount(source, subject.id).catch((error: unknown) => {
      if (!isPodwrightError(error, 'ERR_VOLUME_NOT_FOUND')) throw error
    })
  }
}

/** Takes a container that is being removed off its volumes; with `anonymous`, those that were made for it go, unless others use them. */
export async function releaseVolumes(parts: EngineParts, subject: Subject, { anonymous }: { readonly anonymous: boolean }): Promise<void> {
  const volumes = await parts.volumes()
  for (const { source } of volumeMounts(subject)) {
    await volumes.release(source, subject.id)
    if (anonymous && volumes.find(source)?.anonymous === true) await removeUnlessUsed(volumes, source)
  }
}

/** Gives what shall be the container's user's to that user. */
export async function changeOwners(
  parts: EngineParts,
  { mounts, settings }: Subject,
  { process }: Pick<RuntimeSpec, 'process'>,
  options: AbortOptions = {},
): Promise<void> {
  const { uid, gid } = outside(settings?.idMap, process.user)
  for (const { changeOwner, type, source } of mounts) {
    // A new file system in memory is made for its owner.
    if (changeOwner !== true || source === undefined || (type !== 'bind' && type !== 'volume')) continue
    if (type === 'bind') refuseSystemDirectory(source)
    await (await parts.volumes()).changeOwner(source, { uid, gid }, options)
  }
}

async function mountOne(
  parts: EngineParts,
  subject: Subject,
  mount: VolumeMount,
  snapshot: Snapshot,
  options: AbortOptions,
): Promise<{ readonly bind: ContainerMount; readonly part?: VolumePart }> {
  const { source, target, readOnly, options: words, subpath } = mount
  const volumes = await parts.volumes()
  const { needsCopyUp } = await volumes.hold(source, subject.id, options)
  const path = await volumes.mount(source, subject.id, options)
  // What had to be mounted first; the others were filled when the container was made.
  if (needsCopyUp && mount.volume?.noCopy !== true) await copyUp(volumes, subject, mount, snapshot, options)
  const bind = { type: 'bind', target, readOnly, options: words } as const
  if (subpath === undefined) return { bind: { ...bind, source: path } }
  const { type, device } = volumes.find(source)?.options ?? {}
  if (type !== undefined || device !== undefined) {
    throw new EngineError(
      'ERR_CONTAINER_OPTION_INVALID',
      `cannot mount ${subpath} of the volume ${source}: its options mount something else, of which there are no parts`,
      {
        hint: 'Leave the subpath out.',
      },
    )
  }
  const { subpathIn } = await import('./subpath.ts')
  const place = await subpathIn(parts, { rootfs: path, mounts: [] }, subpath, { ...options, what: `the volume ${source}` })
  return { bind: { ...bind, source: place }, part: { volume: path, path: place.slice(path.length) } }
}

async function copyUp(
  volumes: VolumeStore,
  { id }: Subject,
  { source, target }: VolumeMount,
  { rootfs, mounts }: Snapshot,
  options: AbortOptions,
): Promise<void> {
  await volumes.copyUp(source, id, { rootfs, mounts, path: target }, options)
}

async function removeUnlessUsed(volumes: VolumeStore, name: string): Promise<void> {
  try {
    await volumes.remove(name)
  } catch (error) {
    if (!isPodwrightError(error, 'ERR_VOLUME_IN_USE') && !isPodwrightError(error, 'ERR_VOLUME_NOT_FOUND')) throw error
  }
}

function volumeMounts({ mounts }: Subject): readonly VolumeMount[] {
  return mounts.filter(isVolumeMount)
}

function preparedFile(parts: EngineParts, { id }: Subject): string {
  return join(containerFiles(parts.paths, id).directory, 'volumes-prepared')
}

/** Those that a host doesn't survive in other hands. */
const systemDirectories: ReadonlySet<string> = new Set(
  (
    '/ /bin /boot /dev /etc /home /lib /lib32 /lib64 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /usr/bin /usr/lib /usr/local ' +
    '/usr/sbin /usr/share /var /var/lib /var/log /var/run /var/tmp'
  ).split(' '),
)

function refuseSystemDirectory(path: string): void {
  const real = existsSync(path) ? realpathSync(path) : path
  if (!systemDirectories.has(real)) return
  throw new EngineError('ERR_CONTAINER_OPTION_INVALID', `cannot give ${path} to the container's user: the system needs it as it is`, {
    hint: 'Leave the option U out of that mount.',
  })
}
