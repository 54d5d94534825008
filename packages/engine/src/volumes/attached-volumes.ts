import type { AttachedVolume } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRow } from '../state/record.ts'
import { isVolumeMount } from './uses-volumes.ts'

/** A container's volumes, with where they are on the host; one that is gone has no path. */
export async function attachedVolumes(parts: EngineParts, { mounts }: Pick<ContainerRow, 'mounts'>): Promise<readonly AttachedVolume[]> {
  const volumes = await parts.volumes()
  return mounts.filter(isVolumeMount).map(({ source, target, volume }) => {
    const found = volumes.find(source)
    return { name: source, driver: found?.driver ?? volume?.driver ?? 'local', path: found?.path ?? '', target }
  })
}
