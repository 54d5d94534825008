import { mountOf, readMounts } from '@podwright/linux'
import { realpathSync } from 'node:fs'
import { posix } from 'node:path'
import { EngineError } from '../errors.ts'

/** A part of a volume, whose content others may change while it is being mounted. */
export interface VolumePart {
  /** Absolute path of the volume's content. */
  readonly volume: string
  /** Below it, without a link on the way when it was looked up. */
  readonly path: string
}

/**
 * Sees to it that a container that was made, and does not run yet, has the parts of volumes that were looked up for it: a runtime follows links, and another container with
 * the same volume may have put one in its way since. The kernel tells what is really mounted.
 *
 * @throws `ERR_CONTAINER_MOUNT_SOURCE`
 */
export function verifySubpaths(pid: number, parts: readonly VolumePart[]): void {
  const mounts = readMounts(pid)
  const wanted = Map.groupBy(parts, (part) => placeOf(part))
  for (const [place, group] of wanted) {
    const found = mounts.filter(({ device, root }) => `${device} ${root}` === place).length
    if (found >= group.length) continue
    const { volume, path } = group[0]!
    throw new EngineError(
      'ERR_CONTAINER_MOUNT_SOURCE',
      `cannot mount ${path.slice(1)} of the volume in ${volume}: it was changed meanwhile`,
      {
        hint: 'Start the container again, when no other one moves it.',
      },
    )
  }
}

/** The file system, and the path in it, as a mount of the part has them. */
function placeOf({ volume, path }: VolumePart): string {
  const real = realpathSync(volume)
  const mount = mountOf(real)
  return `${mount?.device} ${posix.join(mount?.root ?? '', posix.relative(mount?.target ?? '/', `${real}${path}`))}`
}
