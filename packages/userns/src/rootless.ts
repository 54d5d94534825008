import type { IdMap } from '@podwright/contracts'
import { isIdentityMap, readIdMap } from './id-map.ts'

/**
 * Whether this process must do without the rights of the machine's root.
 *
 * Decided by the id map, not by the uid alone: uid 0 inside a user namespace (a rootless container, `podwright unshare`) is a plain user
 * outside. Root in the first user namespace, or in one that maps all ids to themselves, is root, even when it lacks capabilities, as in a container that shares the host's
 * ids: what it may not do then fails with EPERM.
 */
export function isRootless(uid: number = process.geteuid?.() ?? 0, map: IdMap | undefined = readIdMap()): boolean {
  return uid !== 0 || (map !== undefined && !isIdentityMap(map))
}
