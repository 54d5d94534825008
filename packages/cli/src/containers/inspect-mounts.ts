import type { AttachedVolume, ContainerDetails, ContainerMount } from '@podwright/contracts'

/** The mounts that a user, or the image, asked for, as `inspect` prints them in docker and podman. */
export function inspectMounts({ options, volumes }: ContainerDetails): readonly object[] {
  return (options.mounts ?? []).map((mount) =>
    mountDocument(
      mount,
      volumes.find(({ target }) => target === mount.target),
    ),
  )
}

function mountDocument(
  { type, source, target, readOnly, options = [], relabel, subpath }: ContainerMount,
  volume: AttachedVolume | undefined,
): object {
  return {
    Type: type,
    ...(volume !== undefined && { Name: volume.name }),
    ...(source !== undefined && { Source: volume?.path ?? source }),
    Destination: target,
    Driver: volume?.driver ?? '',
    Mode: relabel === undefined ? '' : relabel === 'private' ? 'Z' : 'z',
    Options: options.filter((option) => !isPropagation(option)),
    RW: readOnly !== true && !options.includes('ro'),
    ...(subpath !== undefined && { SubPath: subpath }),
    Propagation: type === 'bind' ? (options.find(isPropagation) ?? 'rprivate') : '',
  }
}

function isPropagation(option: string): boolean {
  return /^r?(private|shared|slave|unbindable)$/.test(option)
}
