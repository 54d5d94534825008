import { type AbortOptions, type Clock, systemCodeOf } from '@podwright/conventions'
import type { NamespaceExecutor, Volume, VolumeDriver, VolumeHolders, VolumePlan } from '@podwright/contracts'
import { type FileLock, lockFile } from '@podwright/linux'
import { existsSync, readdirSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { StorageError } from '../errors.ts'
import type { VolumeLayout } from './volume-layout.ts'
import { readRecord, type VolumeRecord } from './volume-record.ts'

/** What the parts of a store of volumes share. */
export interface VolumeContext {
  readonly layout: VolumeLayout
  readonly runRoot: string
  readonly namespace: NamespaceExecutor
  readonly clock: Clock
  readonly holders: VolumeHolders
  readonly minFreeBytes: () => number
  /** @throws `ERR_VOLUME_DRIVER_UNKNOWN` */
  driver(name: string): Promise<VolumeDriver>
}

/** A volume that somebody holds the lock of. */
export interface LockedVolume extends Disposable {
  readonly name: string
  readonly record: VolumeRecord
}

/** Takes the lock of a volume that is there. @throws `ERR_VOLUME_NOT_FOUND` */
export async function lockVolume(
  context: VolumeContext,
  name: string,
  mode: 'alone' | 'shared',
  options: AbortOptions = {},
): Promise<LockedVolume> {
  const files = context.layout.files(name)
  if (!existsSync(files.record)) throw volumeNotFound(name)
  const lock = await lockIfThere(context, name, mode, options)
  const record = lock === undefined ? undefined : readRecord(files.record)
  if (lock === undefined || record === undefined) {
    lock?.release()
    throw volumeNotFound(name)
  }
  return { name, record, [Symbol.dispose]: () => lock.release() }
}

/** Takes the lock of a volume's directory, whatever is in it; undefined when there is none. */
export async function lockIfThere(
  { layout, clock }: VolumeContext,
  name: string,
  mode: 'alone' | 'shared',
  { signal }: AbortOptions,
): Promise<FileLock | undefined> {
  try {
    return await lockFile(layout.files(name).lock, { signal, clock, exclusive: mode === 'alone' })
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** What the driver is told of a volume. */
export function planOf({ layout }: VolumeContext, name: string, { options }: Pick<VolumeRecord, 'options'>): VolumePlan {
  return { name, directory: layout.files(name).directory, options }
}

/** The volume as others see it. */
export function describeVolume(context: VolumeContext, name: string, record: VolumeRecord): Volume {
  const files = context.layout.files(name)
  const path = record.path ?? ''
  return {
    name,
    driver: record.driver,
    scope: record.scope,
    path: isAbsolute(path) ? path : join(files.directory, path),
    options: record.options,
    labels: record.labels,
    createdAt: new Date(record.createdAt),
    anonymous: record.anonymous,
    needsCopyUp: existsSync(files.needsCopyUp),
    holders: listHolders(context, name),
  }
}

/** Who uses a volume; what a killed command wrote down for somebody who never came to be is left out. */
export function listHolders({ layout, holders }: VolumeContext, name: string): string[] {
  return entriesOf(layout.files(name).holders)
    .filter((holder) => holders.exists(holder))
    .toSorted()
}

/** The names in a directory; none when it isn't there. */
export function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return []
    throw error
  }
}

export function volumeNotFound(name: string): StorageError {
  return new StorageError('ERR_VOLUME_NOT_FOUND', `no volume has the name "${name}"`, {
    hint: 'podwright volume ls shows all volumes.',
    details: { name },
  })
}

export function volumeInUse(name: string, operation: string, holders: readonly string[]): StorageError {
  const shown = holders.slice(0, 5).map((holder) => holder.slice(0, 12))
  const more = holders.length > shown.length ? `, and ${holders.length - shown.length} more` : ''
  return new StorageError('ERR_VOLUME_IN_USE', `cannot ${operation} the volume ${name}: it is in use by ${shown.join(', ')}${more}`, {
    details: { name, holders },
  })
}
