import type { DirectoryAttributes, IdMap, IdMapping } from '@podwright/contracts'
import { StorageError } from '../errors.ts'

/**
 * An id as it shall be outside of what `mappings` describe.
 *
 * @throws `ERR_SNAPSHOT_ID_MAP`
 */
export function shiftId(id: number, mappings: readonly IdMapping[] | undefined): number {
  if (mappings === undefined) return id
  const mapping = mappings.find(({ containerId, size }) => id >= containerId && id < containerId + size)
  if (mapping !== undefined) return mapping.hostId + (id - mapping.containerId)
  throw new StorageError(
    'ERR_SNAPSHOT_ID_MAP',
    `cannot make the snapshot: a file of the image is owned by id ${id}, which the id map does not have`,
    {
      hint: 'Give the snapshot a larger range of ids.',
      details: { id },
    },
  )
}

/** The inverse of `shiftId`; what no mapping leads to stays as it is. */
export function unshiftId(id: number, mappings: readonly IdMapping[]): number {
  const mapping = mappings.find(({ hostId, size }) => id >= hostId && id < hostId + size)
  return mapping === undefined ? id : mapping.containerId + (id - mapping.hostId)
}

/** Attributes with their owner put through a map. */
export function shiftAttributes({ mode, uid, gid }: DirectoryAttributes, { uids, gids }: IdMap): DirectoryAttributes {
  return { mode, uid: shiftId(uid, uids), gid: shiftId(gid, gids) }
}
