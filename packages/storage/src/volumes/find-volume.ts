import type { Volume } from '@podwright/contracts'
import { isPodwrightError } from '@podwright/conventions'
import { StorageError } from '../errors.ts'
import { describeVolume, entriesOf, type VolumeContext } from './volume-context.ts'
import { looksAnonymous } from './volume-name.ts'
import { readRecord } from './volume-record.ts'

/**
 * The volume of a name, or of an unambiguous beginning of a name that nobody chose.
 *
 * @throws `ERR_VOLUME_AMBIGUOUS`, `ERR_VOLUME_RECORD`
 */
export function findVolume(context: VolumeContext, reference: string): Volume | undefined {
  const exact = volumeOf(context, reference)
  if (exact !== undefined || !/^[0-9a-f]{4,63}$/.test(reference)) return exact
  const names = volumeNames(context).filter((name) => looksAnonymous(name) && name.startsWith(reference))
  if (names.length > 1) {
    throw new StorageError('ERR_VOLUME_AMBIGUOUS', `"${reference}" fits ${names.length} volumes`, {
      hint: 'Give more of the name.',
      details: { reference, names },
    })
  }
  return names[0] === undefined ? undefined : volumeOf(context, names[0])
}

/** All volumes, by name. One whose record is damaged is left out; to name it says why. */
export function listVolumes(context: VolumeContext): readonly Volume[] {
  return volumeNames(context)
    .toSorted()
    .map((name) => volumeUnlessDamaged(context, name))
    .filter((volume) => volume !== undefined)
}

/** The names in use, by those too that are being made or removed. */
export function volumeNames({ layout }: VolumeContext): string[] {
  return entriesOf(layout.root).filter((name) => !name.startsWith('.'))
}

function volumeOf(context: VolumeContext, name: string): Volume | undefined {
  if (name === '' || name.startsWith('.') || name.includes('/') || name.includes('\0') || name.length > 255) return undefined
  const record = readRecord(context.layout.files(name).record)
  return record === undefined ? undefined : describeVolume(context, name, record)
}

function volumeUnlessDamaged(context: VolumeContext, name: string): Volume | undefined {
  try {
    return volumeOf(context, name)
  } catch (error) {
    if (isPodwrightError(error, 'ERR_VOLUME_RECORD')) return undefined
    throw error
  }
}
