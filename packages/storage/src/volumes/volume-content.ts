import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import type { CopyUpSource, CreateVolumeOptions, SnapshotUsage, Volume } from '@podwright/contracts'
import { readProcessStat } from '@podwright/linux'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { StorageError } from '../errors.ts'
import { usageTask } from '../tasks/tasks.ts'
import { usage } from '../tasks/usage.ts'
import { createVolume } from './create-volume.ts'
import { mountVolume, unmountVolume } from './mount-volume.ts'
import { readFromWorker, writeToWorker } from './socket-stream.ts'
import { changeOwnerTask, copyTreeTask, copyUpTask, exportTask, importTask } from './tasks.ts'
import { entriesOf, listHolders, lockVolume, planOf, type VolumeContext, volumeInUse } from './volume-context.ts'

/** Has a volume mounted for this process while it works. */
async function withContent<Result>(
  context: VolumeContext,
  name: string,
  options: AbortOptions,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const holder = processHolder()
  const path = await mountVolume(context, name, holder, options)
  try {
    return await work(path)
  } finally {
    await unmountVolume(context, name, holder, {})
  }
}

let mounted = 0

/** Two pieces of work of one process are two holders. */
function processHolder(): string {
  mounted += 1
  return `process-${process.pid}-${readProcessStat(process.pid)?.startTime ?? 0}-${mounted}`
}

/**
 * What a volume takes here; what is mounted from elsewhere takes nothing. Mostly it can be read from where we are; what can't is counted inside the
 * namespace.
 */
export async function volumeUsage(context: VolumeContext, name: string, options: AbortOptions): Promise<SnapshotUsage> {
  using locked = await lockVolume(context, name, 'shared', options)
  const { path, mounts } = await (await context.driver(locked.record.driver)).view(planOf(context, name, locked.record), options)
  if (mounts.length > 0) return { sizeBytes: 0, inodes: 0 }
  try {
    return await usage({ path }, options)
  } catch (error) {
    if (systemCodeOf(error) !== 'EACCES') throw error
    return await context.namespace.run(usageTask, { path }, options)
  }
}

/** A volume's content as a tar. It can't be removed meanwhile. */
export async function* exportVolume(context: VolumeContext, name: string, options: AbortOptions): AsyncGenerator<Uint8Array> {
  const holder = processHolder()
  const path = await mountVolume(context, name, holder, options)
  try {
    using _locked = await lockVolume(context, name, 'shared', options)
    const args = { path, minFreeBytes: 0, skipDevices: false }
    yield* readFromWorker(context.runRoot, (socket, abort) => context.namespace.run(exportTask, { ...args, socket }, abort), options)
  } finally {
    await unmountVolume(context, name, holder, {})
  }
}

/**
 * Unpacks a tar into a volume that no container is running with: who may change a tree while it is unpacked could lead the files elsewhere. None starts
 * meanwhile, since that takes the lock too.
 */
export async function importVolume(
  context: VolumeContext,
  name: string,
  tar: AsyncIterable<Uint8Array>,
  options: AbortOptions,
): Promise<void> {
  await withContent(context, name, options, async (path) => {
    using _locked = await lockVolume(context, name, 'alone', options)
    const active = activeHolders(context, name)
    if (active.length > 0) throw volumeInUse(name, 'import into', active)
    rmSync(context.layout.files(name).needsCopyUp, { force: true })
    const args = { path, minFreeBytes: context.minFreeBytes(), skipDevices: context.namespace.rootless }
    await writeToWorker(context.runRoot, tar, (socket, abort) => context.namespace.run(importTask, { ...args, socket }, abort), options)
  })
}

/** A new volume with what another has. What is mounted from elsewhere is copied too: the new one is a directory of ours. */
export async function cloneVolume(
  context: VolumeContext,
  name: string,
  newName: string,
  options: AbortOptions & Pick<CreateVolumeOptions, 'labels'>,
): Promise<Volume> {
  return withContent(context, name, options, async (source) => {
    using locked = await lockVolume(context, name, 'shared', options)
    const { driver, labels } = locked.record
    const plan = planOf(context, name, locked.record)
    const isMounted = (await (await context.driver(driver)).view(plan, options)).mounts.length > 0
    return await createVolume(context, {
      name: newName,
      driver: isMounted ? 'local' : driver,
      options: isMounted ? {} : plan.options,
      labels: options.labels ?? labels,
      signal: options.signal,
      fill: async (_plan, { path, mounts }) => {
        if (mounts.length > 0) throw cannotClone(name, driver)
        await context.namespace.run(copyTreeTask, { source, target: path, minFreeBytes: context.minFreeBytes() }, options)
      },
    })
  })
}

function cannotClone(name: string, driver: string): StorageError {
  return new StorageError('ERR_VOLUME_OPTION', `cannot clone the volume ${name}: its driver, ${driver}, has other content for each`)
}

/** Fills a volume that never had content. Nobody else is looking: while another container runs with it, it stays as it is. */
export async function copyUpVolume(
  context: VolumeContext,
  name: string,
  holder: string,
  source: CopyUpSource,
  options: AbortOptions,
): Promise<boolean> {
  const files = context.layout.files(name)
  if (!existsSync(files.needsCopyUp)) return false
  using locked = await lockVolume(context, name, 'alone', options)
  if (activeHolders(context, name).some((other) => other !== holder)) return false
  const view = await (await context.driver(locked.record.driver)).view(planOf(context, name, locked.record), options)
  // What has to be mounted is filled once it is.
  if (view.mounts.length > 0 && !entriesOf(files.mounts).includes(holder)) return false
  if (!existsSync(files.copyUp) && hasEntries(view.path)) {
    rmSync(files.needsCopyUp, { force: true })
    return false
  }
  const staging = view.mounts.length > 0 ? null : { part: files.copyUpPart, complete: files.copyUp }
  const { anonymous } = locked.record
  const { rootfs, mounts, path } = source
  const args = { tree: { rootfs, mounts }, path, target: view.path, staging, durable: !anonymous, minFreeBytes: context.minFreeBytes() }
  const result = await context.namespace.run(copyUpTask, args, options)
  if (result !== 'absent') rmSync(files.needsCopyUp, { force: true })
  return result === 'copied'
}

/** As far as can be seen from here; the task looks again. */
function hasEntries(path: string): boolean {
  try {
    return readdirSync(path).length > 0
  } catch {
    return false
  }
}

/** Gives all that is in a volume, or below an absolute path, to an owner. */
export async function changeVolumeOwner(
  context: VolumeContext,
  nameOrPath: string,
  owner: { readonly uid: number; readonly gid: number },
  options: AbortOptions,
): Promise<void> {
  const change = async (path: string): Promise<void> => {
    await context.namespace.run(changeOwnerTask, { path, ...owner }, options)
  }
  await (nameOrPath.startsWith('/') ? change(nameOrPath) : withContent(context, nameOrPath, options, change))
}

function activeHolders(context: VolumeContext, name: string): string[] {
  return listHolders(context, name).filter((holder) => context.holders.isActive(holder))
}
