import { type AbortOptions, messageOf } from '@podwright/conventions'
import type { VolumeFinding } from '@podwright/contracts'
import { tryLockFile } from '@podwright/linux'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { volumeNames } from './find-volume.ts'
import { sweepVolumes } from './remove-volume.ts'
import { entriesOf, type VolumeContext } from './volume-context.ts'
import { readRecord } from './volume-record.ts'

/** What is wrong with volumes, and what killed commands left; with `repair`, the latter goes. */
export async function checkVolumes(
  context: VolumeContext,
  { repair = false, signal }: AbortOptions & { readonly repair?: boolean | undefined },
): Promise<readonly VolumeFinding[]> {
  const findings = [...volumeNames(context).flatMap((name) => checkVolume(context, name, repair)), ...trashFindings(context)]
  if (repair && findings.some(({ kind }) => kind === 'unfinished' || kind === 'trash')) await sweepVolumes(context, { signal })
  return findings
}

function checkVolume(context: VolumeContext, name: string, repair: boolean): readonly VolumeFinding[] {
  const { record } = context.layout.files(name)
  if (!existsSync(record)) return isLeft(context, name) ? [{ kind: 'unfinished', name, reason: 'it was being made or removed' }] : []
  try {
    readRecord(record)
  } catch (error) {
    return [{ kind: 'record', name, reason: messageOf(error) }]
  }
  return staleHolders(context, name, repair)
}

/** Whether nobody is at work on a directory that is no volume yet, or no more. */
function isLeft({ layout }: VolumeContext, name: string): boolean {
  const { directory, lock: path, record } = layout.files(name)
  if (!existsSync(path)) return existsSync(directory) && !existsSync(record)
  using lock = tryLockFile(path)
  return lock !== undefined && existsSync(directory) && !existsSync(record)
}

/** A container's row comes before it holds a volume, so that a holder without one never comes to be. */
function staleHolders({ layout, holders }: VolumeContext, name: string, repair: boolean): VolumeFinding[] {
  const directory = layout.files(name).holders
  const stale = entriesOf(directory).filter((holder) => !holders.exists(holder))
  if (repair) for (const holder of stale) rmSync(join(directory, holder), { force: true })
  return stale.map((holder) => ({ kind: 'holder', name, reason: `the container ${holder.slice(0, 12)}, which is gone, still holds it` }))
}

function trashFindings({ layout }: VolumeContext): VolumeFinding[] {
  return entriesOf(layout.trash).map((name) => ({ kind: 'trash', name: `.trash/${name}`, reason: 'it was being deleted' }))
}
