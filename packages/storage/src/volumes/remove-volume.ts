import { type AbortOptions, isPodwrightError, systemCodeOf } from '@podwright/conventions'
import { tryLockFile } from '@podwright/linux'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { deleteTrees } from '../internal/trash.ts'
import { volumeNames } from './find-volume.ts'
import { activeMounts, takeDown } from './mount-volume.ts'
import { entriesOf, listHolders, lockVolume, planOf, type VolumeContext, volumeInUse } from './volume-context.ts'
import { readRecord, syncDirectory, type VolumeRecord } from './volume-record.ts'

/** Removes a volume that nobody uses. It ceases to be one when its record is taken from it; the rest may be done by anybody. */
export async function removeVolume(context: VolumeContext, name: string, options: AbortOptions): Promise<void> {
  const files = context.layout.files(name)
  using locked = await lockVolume(context, name, 'alone', options)
  const users = [...listHolders(context, name), ...activeMounts(context, name)]
  if (users.length > 0) throw volumeInUse(name, 'remove', [...new Set(users)])
  await takeDown(context, locked, options)
  renameSync(files.record, files.pending)
  syncDirectory(files.directory)
  await abandonVolume(context, name)
}

/** Gives up a directory that has no record. The caller holds its lock. */
export async function abandonVolume(context: VolumeContext, name: string): Promise<void> {
  await giveUp(context, name)
  discardDirectory(context, name)
  await deleteTrees(context.namespace, trashed(context))
}

/** Empties a directory that has no record, so that a volume can be made in it. The caller holds its lock. */
export async function discardRemains(context: VolumeContext, name: string): Promise<void> {
  await giveUp(context, name)
  const files = context.layout.files(name)
  const remains = entriesOf(files.directory).map((entry) => join(files.directory, entry))
  await deleteTrees(
    context.namespace,
    remains.filter((path) => path !== files.lock),
  )
}

/** What the driver made elsewhere; the pending record says who it was. */
async function giveUp(context: VolumeContext, name: string): Promise<void> {
  const pending = readIfSound(context.layout.files(name).pending)
  if (pending !== undefined) await (await context.driver(pending.driver)).remove(planOf(context, name, pending))
}

/** Deletes what killed creations and removals left. Nothing happens to what somebody is at work on. */
export async function sweepVolumes(context: VolumeContext, options: AbortOptions = {}): Promise<void> {
  for (const name of volumeNames(context)) {
    if (!existsSync(context.layout.files(name).record)) await sweepName(context, name)
  }
  await deleteTrees(context.namespace, trashed(context), options)
}

async function sweepName(context: VolumeContext, name: string): Promise<void> {
  const files = context.layout.files(name)
  try {
    using lock = tryLockFile(files.lock)
    if (lock !== undefined && !existsSync(files.record)) await abandonVolume(context, name)
  } catch (error) {
    // Somebody was faster; or its driver isn't there to give up what it made.
    if (systemCodeOf(error) !== 'ENOENT' && !isPodwrightError(error, 'ERR_VOLUME_DRIVER_UNKNOWN')) throw error
  }
}

/** Moved away whole, lock and all: whoever waits for the lock finds that it is gone. */
function discardDirectory({ layout }: VolumeContext, name: string): void {
  mkdirSync(layout.trash, { recursive: true, mode: 0o700 })
  renameSync(layout.files(name).directory, layout.discarded())
  syncDirectory(layout.root)
}

function trashed({ layout }: VolumeContext): string[] {
  return entriesOf(layout.trash).map((name) => join(layout.trash, name))
}

/** A pending record that was never written whole says nothing of what was made: nothing was. */
function readIfSound(path: string): VolumeRecord | undefined {
  try {
    return readRecord(path)
  } catch {
    return undefined
  }
}
