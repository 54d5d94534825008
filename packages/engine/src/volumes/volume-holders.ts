import type { VolumeHolders } from '@podwright/contracts'
import { tryLockFile } from '@podwright/linux'
import { containerFiles } from '../containers/files.ts'
import { observe } from '../containers/observe.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerStore } from '../state/container-store.ts'

const containerId = /^[0-9a-f]{64}$/

/**
 * What the database says of the containers that volumes know. A container's row comes before it holds a volume and goes after it has let go, so a holder
 * without a row is nobody.
 */
export function volumeHolders(parts: Pick<EngineParts, 'paths' | 'evidence'>, store: ContainerStore): VolumeHolders {
  return {
    exists: (holder) => !containerId.test(holder) || store.find(holder) !== undefined,
    isActive(holder) {
      if (!containerId.test(holder)) return true
      const row = store.find(holder)
      return row !== undefined && (observe(row, parts.evidence).pid !== 0 || isLocked(containerFiles(parts.paths, holder).stateLock))
    },
  }
}

/** Whether somebody is starting or ending the container, perhaps we ourselves. */
function isLocked(path: string): boolean {
  using lock = tryLockFile(path)
  return lock === undefined
}
