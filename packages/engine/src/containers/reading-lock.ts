import type { AbortOptions } from '@podwright/conventions'
import { type FileLock, lockFile, tryLockFile } from '@podwright/linux'
import { rmSync } from 'node:fs'
import type { EngineParts } from '../parts.ts'
import { containerFiles } from './files.ts'

/**
 * Tells prunes that a container's tree is being read, until it is disposed of, or the process ends. It hinders nobody who starts, stops or removes the container by name: a reader may take as long
 * as whoever it writes to.
 *
 * @throws `ERR_CONTAINER_NOT_FOUND` for one that a prune has just taken
 */
export async function holdForReading(parts: EngineParts, id: string, { signal }: AbortOptions): Promise<Disposable> {
  const path = containerFiles(parts.paths, id).readingLock
  const lock = await lockFile(path, { exclusive: false, signal, clock: parts.clock })
  const release = (): void => {
    lock.release()
    using last = tryLockFile(path)
    // Others who read have it open.
    if (last !== undefined) rmSync(path, { force: true })
  }
  try {
    ;(await parts.store()).require(id)
    return { [Symbol.dispose]: release }
  } catch (error) {
    release()
    throw error
  }
}

/** For a prune: until it is released, nobody begins to read. Undefined while somebody reads. */
export function refuseReaders(parts: EngineParts, id: string): Disposable | undefined {
  const lock: FileLock | undefined = tryLockFile(containerFiles(parts.paths, id).readingLock)
  if (lock === undefined) return undefined
  return {
    [Symbol.dispose]() {
      // Whoever waits for it notices that the file is gone.
      rmSync(lock.path, { force: true })
      lock.release()
    },
  }
}
