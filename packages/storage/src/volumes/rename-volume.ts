import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import type { Volume } from '@podwright/contracts'
import { renameSync } from 'node:fs'
import { StorageError } from '../errors.ts'
import { nameTaken } from './create-volume.ts'
import { activeMounts, takeDown } from './mount-volume.ts'
import { describeVolume, listHolders, lockVolume, type VolumeContext, volumeInUse } from './volume-context.ts'
import { checkVolumeName, looksAnonymous } from './volume-name.ts'
import { syncDirectory, writeRecord } from './volume-record.ts'

/** Gives a volume another name: one rename(2), since a volume is named by its directory. */
export async function renameVolume(context: VolumeContext, name: string, newName: string, options: AbortOptions): Promise<Volume> {
  checkVolumeName(newName)
  using locked = await lockVolume(context, name, 'alone', options)
  const { record } = locked
  const users = [...listHolders(context, name), ...activeMounts(context, name)]
  if (users.length > 0) throw volumeInUse(name, 'rename', [...new Set(users)])
  if (!(await context.driver(record.driver)).renames) {
    throw new StorageError('ERR_VOLUME_OPTION', `cannot rename the volume ${name}: its driver, ${record.driver}, knows it by its name`, {
      hint: `podwright volume clone ${name} ${newName} makes a copy.`,
    })
  }
  await takeDown(context, locked, options)
  // Somebody chose a name now.
  if (record.anonymous && !looksAnonymous(newName)) writeRecord(context.layout.files(name).record, { ...record, anonymous: false })
  try {
    // Onto a directory that has anything in it, that is one with a lock or a record, this fails.
    renameSync(context.layout.files(name).directory, context.layout.files(newName).directory)
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) throw nameTaken(newName)
    throw error
  }
  syncDirectory(context.layout.root)
  return describeVolume(context, newName, { ...record, anonymous: record.anonymous && looksAnonymous(newName) })
}
