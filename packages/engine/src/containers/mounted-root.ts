import type { Snapshot } from '@podwright/contracts'
import type { EngineParts } from '../parts.ts'
import { type RootMount, rootMount } from './root-mount.ts'

/**
 * As `rootMount`, unless somebody has the tree mounted where monitors start from (`System.mount`): then the container runs in that very mount. Two of
 * overlayfs on one upper directory would not see each other's changes.
 */
export async function mountedRoot(parts: EngineParts, snapshot: Snapshot): Promise<RootMount> {
  const root = rootMount(parts.paths, snapshot)
  if (root.mounts.length === 0) return root
  const mounts = await (await parts.storage()).listMounts()
  if (!mounts.some((mount) => mount.snapshot === snapshot.key)) return root
  return { rootfs: root.rootfs, mounts: [{ type: 'bind', source: snapshot.rootfs, target: root.rootfs, options: ['bind'] }] }
}
