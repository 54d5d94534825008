import type { AbortOptions } from '@podwright/conventions'
import { type FileLock, lockFile } from '@podwright/linux'
import { rmSync } from 'node:fs'
import type { EngineParts } from '../parts.ts'
import { containerFiles } from './files.ts'

/**
 * Waits for the state lock of a container that is there; while it is held, the container stays.
 *
 * @throws `ERR_CONTAINER_NOT_FOUND`: somebody has removed it meanwhile
 */
export async function lockState(parts: EngineParts, id: string, options: AbortOptions = {}): Promise<FileLock> {
  const lock = await lockIfThere(parts, id, options)
  if (lock !== undefined) return lock
  ;(await parts.store()).require(id)
  // It has come back: ids are drawn, so that this never happens.
  return lockState(parts, id, options)
}

/** The same; undefined when somebody has removed it meanwhile. */
export async function lockIfThere(parts: EngineParts, id: string, { signal }: AbortOptions = {}): Promise<FileLock | undefined> {
  const lock = await lockFile(containerFiles(parts.paths, id).stateLock, { signal })
  try {
    if ((await parts.store()).find(id) !== undefined) return lock
  } catch (error) {
    lock.release()
    throw error
  }
  dropLock(lock)
  return undefined
}

/** Gives back a lock of a container that is gone. Whoever removed it had removed the file, too; to ask for the lock has made it anew. */
export function dropLock(lock: FileLock): undefined {
  rmSync(lock.path, { force: true })
  lock.release()
}
