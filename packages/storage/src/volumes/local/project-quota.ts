import type { VolumePlan } from '@podwright/contracts'
import { mountOf } from '@podwright/linux'
import { StorageError } from '../../errors.ts'

/** Words by which a mount says that its file system counts by project. */
const quotaWords = ['prjquota', 'pquota', 'prjjquota']

/** The error for a volume that shall be no larger than it is told: no file system is told yet. */
export function quotaRefused(plan: VolumePlan, option: 'size' | 'inodes'): StorageError {
  const { type = 'unknown', options = [], superOptions = [] } = mountOf(plan.directory) ?? {}
  const counts = [...options, ...superOptions].some((word) => quotaWords.some((known) => word.startsWith(known)))
  const reason = counts
    ? `project quotas, which podwright does not set yet`
    : `project quotas, and the file system of ${plan.directory} (${type}) is mounted without them`
  return new StorageError('ERR_VOLUME_OPTION', `cannot make the volume ${plan.name}: the option "${option}" needs ${reason}`, {
    hint: 'A volume in memory has a size: type=tmpfs, o=size=100m. On disk, give it a file system of its own by type and device.',
    details: { name: plan.name, option },
  })
}
