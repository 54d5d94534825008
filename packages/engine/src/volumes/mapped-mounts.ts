import type { ContainerMount, IdMap } from '@podwright/contracts'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'

/** Whether a mount's files are seen with other owners than they have (`mount_setattr(2)`, MOUNT_ATTR_IDMAP). */
export function isMapped({ options = [] }: ContainerMount): boolean {
  return options.some((option) => /^idmap(?:=|$)/.test(option))
}

/**
 * Looks whether mounts can be mapped, before a container is made that cannot start.
 *
 * @param idMap of the container's own user namespace
 * @throws `ERR_CONTAINER_OPTION_INVALID`
 */
export async function requireMappable(parts: EngineParts, mounts: readonly ContainerMount[], idMap: IdMap | undefined): Promise<void> {
  for (const mount of mounts.filter(isMapped)) {
    const { type, options = [], changeOwner } = mount
    if (type !== 'bind') throw impossible(mount, `a ${type} has the container's ids anyway`, 'Leave idmap out.')
    if (changeOwner === true) throw impossible(mount, 'U gives its files to the container instead', 'Take one of the two.')
    if (parts.rootless) {
      throw impossible(
        mount,
        "the kernel lets root alone map the ids of a host's file system",
        '--userns keep-id shows your own files as yours, and the mount option U gives a directory to the container.',
      )
    }
    if (options.includes('idmap') && idMap === undefined) {
      throw impossible(
        mount,
        'the container has no user namespace of its own',
        'Give it one (--uidmap, --gidmap), or the mount a map: idmap=uids=…;gids=…',
      )
    }
    const { runtime } = await parts.runtime()
    if (runtime.name !== 'crun')
      throw impossible(mount, `${runtime.name} has no such option`, 'crun has: install it, and take it with --runtime crun.')
  }
}

function impossible({ target }: ContainerMount, why: string, hint: string): EngineError {
  return new EngineError('ERR_CONTAINER_OPTION_INVALID', `cannot map the ids of the mount on ${target}: ${why}`, { hint })
}
