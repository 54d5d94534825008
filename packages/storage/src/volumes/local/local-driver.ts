import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import type { VolumeDriver, VolumeDriverComponents, VolumePlan, VolumeView } from '@podwright/contracts'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { attributesTask } from '../../tasks/tasks.ts'
import { type LocalVolume, parseLocalOptions } from './local-options.ts'

const contentMode = 0o755

/** Volumes that are a directory here, and what is mounted over it when the options say so: docker's and podman's driver of that name. */
export function createLocalVolumeDriver({ namespace }: VolumeDriverComponents): VolumeDriver {
  const parse = (plan: VolumePlan): LocalVolume => parseLocalOptions(plan, namespace.rootless)
  return {
    name: 'local',
    scope: 'local',
    renames: true,
    async create(plan, options = {}) {
      const volume = parse(plan)
      if (volume.sizeBytes !== undefined || volume.inodes !== undefined) {
        const { quotaRefused } = await import('./project-quota.ts')
        throw quotaRefused(plan, volume.sizeBytes === undefined ? 'inodes' : 'size')
      }
      await makeContent(plan, volume, namespace, options)
    },
    async view(plan): Promise<VolumeView> {
      const { mount, copiesUp } = parse(plan)
      const path = contentPath(plan)
      return { path, mounts: mount === undefined ? [] : [{ ...mount, target: path }], copiesUp }
    },
    // All that it has lies in its directory.
    async remove() {},
  }
}

function contentPath({ directory }: VolumePlan): string {
  return join(directory, '_data')
}

async function makeContent(
  plan: VolumePlan,
  { uid, gid }: LocalVolume,
  namespace: VolumeDriverComponents['namespace'],
  options: AbortOptions,
): Promise<void> {
  const path = contentPath(plan)
  try {
    mkdirSync(path)
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error
  }
  // Whatever the umask.
  chmodSync(path, contentMode)
  if (uid === undefined && gid === undefined) return
  const attributes = { mode: contentMode, uid: uid ?? 0, gid: gid ?? 0 }
  await namespace.run(attributesTask, { directory: path, attributes }, options)
}
