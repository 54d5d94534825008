import type { ContainerDetails, ContainerMount } from '@podwright/contracts'

/** The mounts that a user asked for, as `inspect` prints them in docker and podman. */
export function inspectMounts({ options }: ContainerDetails): readonly object[] {
  return (options.mounts ?? []).map(mountDocument)
}

function mountDocument({ type, source, target, readOnly, options = [] }: ContainerMount): object {
  return {
    Type: type,
    ...(source !== undefined && { Source: source }),
    Destination: target,
    Driver: '',
    Mode: '',
    Options: options.filter((option) => !isPropagation(option)),
    RW: readOnly !== true && !options.includes('ro'),
    Propagation: type === 'bind' ? (options.find(isPropagation) ?? 'rprivate') : '',
  }
}

function isPropagation(option: string): boolean {
  return /^r?(private|shared|slave|unbindable)$/.test(option)
}
