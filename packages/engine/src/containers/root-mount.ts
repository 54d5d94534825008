import type { MountSpec, Snapshot } from '@podwright/contracts'
import { mkdirSync } from 'node:fs'
import type { EnginePaths } from '../paths.ts'

/** A container's root as its monitor mounts it. */
export interface RootMount {
  /** Absolute. */
  readonly rootfs: string
  readonly mounts: readonly MountSpec[]
}

/**
 * The root of a container in its monitor's own mount namespace, in which all containers have theirs at the same place. A directory of its own that something
 * is mounted on, in whatever namespace, takes the kernel ten milliseconds and more to delete.
 *
 * What a program mounts stays where storage wants it, and what needs no mount where it is.
 */
export function rootMount(paths: EnginePaths, snapshot: Snapshot): RootMount {
  const [mount, ...others] = snapshot.mounts
  if (mount === undefined || others.length > 0 || mount.command !== undefined || mount.target !== snapshot.rootfs) return snapshot
  if (mount.source === mount.target) return snapshot
  mkdirSync(paths.rootMount, { recursive: true, mode: 0o700 })
  return { rootfs: paths.rootMount, mounts: [{ ...mount, target: paths.rootMount }] }
}
