import type { AbortOptions } from '@podwright/conventions'
import type { VolumePlan } from '@podwright/contracts'
import { mountOf } from '@podwright/linux'
import { StorageError } from '../../errors.ts'
import type { LocalVolume } from './local-options.ts'

/** Limits what a volume may take, where the file system counts by project. @throws `ERR_VOLUME_OPTION` where it doesn't */
export async function setQuota(plan: VolumePlan, volume: LocalVolume, make: () => Promise<void>, _options: AbortOptions): Promise<void> {
  const option = volume.sizeBytes === undefined ? 'inodes' : 'size'
  const mount = mountOf(plan.directory)
  throw new StorageError(
    'ERR_VOLUME_OPTION',
    `cannot make the volume ${plan.name}: the option "${option}" needs project quotas, and the file system of ${plan.directory} (${mount?.type ?? 'unknown'}) is mounted without them`,
    {
      hint: 'Mount it with prjquota (XFS), or make it with the feature project and mount it with prjquota (ext4); or use type=tmpfs with o=size=….',
    },
  )
  await make()
}
