import type { ContainerOptions, SnapshotBase } from '@podwright/contracts'
import type { ImageConfig } from '@podwright/oci'
import { posix } from 'node:path'
import { statSync } from 'node:fs'
import { EngineError } from '../errors.ts'

/**
 * Looks for a directory that is to be a container's root: before the container is made, and before each start.
 *
 * @throws `ERR_CONTAINER_ROOT`
 */
export function requireRoot(root: SnapshotBase | undefined): void {
  if (root === undefined) return
  const { directory } = root
  if (!posix.isAbsolute(directory)) throw wrongRoot(directory, 'it must be an absolute path')
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) throw wrongRoot(directory, 'there is no such directory')
}

/** What is said of an image has no meaning, and nothing of ours is written into somebody's directory. */
export function checkRootOptions({ root, image, imageVolumes, ...options }: ContainerOptions): void {
  if (root === undefined) return
  requireRoot(root)
  if (image !== '') throw wrongRoot(root.directory, `the image ${image} is named, too`)
  if (imageVolumes !== undefined) throw wrongRoot(root.directory, 'without an image there are no volumes of one')
  if (root.overlay) return
  const { passwdEntry, groupEntry, hostUsers = [] } = options
  if (passwdEntry === undefined && groupEntry === undefined && hostUsers.length === 0) return
  throw wrongRoot(root.directory, 'lines for accounts would be written into its /etc/passwd and /etc/group', 'Lay an overlay over it.')
}

/** The config of no image. */
export function rootConfig(): ImageConfig {
  return { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch, rootfs: { type: 'layers', diff_ids: [] } }
}

function wrongRoot(directory: string, reason: string, hint?: string): EngineError {
  return new EngineError('ERR_CONTAINER_ROOT', `cannot use ${directory} as the root of a container: ${reason}`, {
    ...(hint !== undefined && { hint }),
    details: { directory },
  })
}

/** For what needs to know what a container was made from. */
export function onDirectory(operation: string, { directory }: SnapshotBase): EngineError {
  return new EngineError('ERR_CONTAINER_ROOT', `cannot ${operation}: its root is the directory ${directory}, not an image`, {
    details: { directory },
  })
}
