import type { AbortOptions } from '@podwright/conventions'
import type { Volume } from '@podwright/contracts'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { addHolder } from './create-volume.ts'
import { describeVolume, lockVolume, type VolumeContext } from './volume-context.ts'
import { checkHolder } from './volume-name.ts'

/** Notes who uses a volume. */
export async function holdVolume(context: VolumeContext, name: string, holder: string, options: AbortOptions): Promise<Volume> {
  checkHolder(holder)
  using locked = await lockVolume(context, name, 'shared', options)
  addHolder(context, name, holder)
  return describeVolume(context, name, locked.record)
}

/** Takes a holder away; without a lock, since nobody waits for a holder to be there. */
export function releaseVolume({ layout }: VolumeContext, name: string, holder: string): void {
  checkHolder(holder)
  rmSync(join(layout.files(name).holders, holder), { force: true })
}
