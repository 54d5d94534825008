import type { ContainerMount } from '@podwright/contracts'
import { existsSync } from 'node:fs'
import { EngineError } from '../errors.ts'

/**
 * Looks for what is to be bound: before a container is made, so that whoever mistyped a path can say it again under the same name, and before each start.
 *
 * @throws `ERR_CONTAINER_MOUNT_SOURCE`
 */
export function requireMountSources(mounts: readonly ContainerMount[]): void {
  for (const mount of mounts) {
    if (mount.type !== 'bind' || mount.source === undefined || existsSync(mount.source)) continue
    throw new EngineError(
      'ERR_CONTAINER_MOUNT_SOURCE',
      `cannot mount ${mount.source} onto ${mount.target}: there is no such file or directory`,
      {
        hint: `Make it first: mkdir -p ${mount.source}`,
      },
    )
  }
}
