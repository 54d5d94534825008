import type { ContainerMount, ContainerOptions } from '@podwright/contracts'
import type { ImageConfig } from '@podwright/oci'

/** A mount of a volume whose name has been settled. */
export type VolumeMount = ContainerMount & { readonly type: 'volume'; readonly source: string }

/** Whether a container that is to be made has anything to do with volumes. Those that have not load nothing of this. */
export function asksForVolumes(options: ContainerOptions, { config }: ImageConfig): boolean {
  return (
    (options.volumesFrom?.length ?? 0) > 0 ||
    (options.mounts ?? []).some(({ type, changeOwner, relabel }) => isOfStore(type) || changeOwner === true || relabel !== undefined) ||
    Object.keys(config?.Volumes ?? {}).length > 0
  )
}

/** Whether one of a container's mounts is a volume, of an image or an artifact, or is to change its owner. */
export function usesVolumes({ mounts }: { readonly mounts: readonly ContainerMount[] }): boolean {
  return mounts.some(({ type, changeOwner }) => isOfStore(type) || changeOwner === true)
}

/** Whether what is mounted has to be looked up, and kept, among what is ours. */
function isOfStore(type: ContainerMount['type']): boolean {
  return type === 'volume' || type === 'image' || type === 'artifact'
}

export function isVolumeMount(mount: ContainerMount): mount is VolumeMount {
  return mount.type === 'volume'
}
