import { type FileLock, lockFile, tryLockFile } from '@podwright/linux'
import { fstatSync, rmSync, statSync } from 'node:fs'
import type { EnginePaths } from '../paths.ts'
import { containerFiles } from './files.ts'

/** Of containers that this process has made and is about to start, by the path of the lock: a lock belongs to the process, whichever engine took it. */
const kept = new Map<string, FileLock>()

/** Tells everybody that a container is being made, from before its row is there. */
export async function lockCreation(paths: EnginePaths, id: string): Promise<FileLock> {
  return lockFile(containerFiles(paths, id).creationLock)
}

/** Lets a container be taken for what it is. With `startsNext` that waits for `endCreation`. */
export function finishCreation(lock: FileLock, { startsNext = false }: { readonly startsNext?: boolean | undefined } = {}): void {
  if (startsNext) kept.set(lock.path, lock)
  else release(lock)
}

/** After the start of a container, or its failure; also of one that was not made here. */
export function endCreation(paths: EnginePaths, id: string): void {
  const path = containerFiles(paths, id).creationLock
  const lock = kept.get(path)
  if (lock === undefined) return
  kept.delete(path)
  release(lock)
}

/** Whether somebody is making the container, or has made it and is about to start it. */
export function isBeingMade(paths: EnginePaths, id: string): boolean {
  const path = containerFiles(paths, id).creationLock
  const there = statSync(path, { throwIfNoEntry: false })
  if (there === undefined) return false
  using lock = tryLockFile(path)
  // Whoever made it was done in between: then the file is ours.
  if (lock !== undefined && fstatSync(lock.fd).ino !== there.ino) rmSync(path, { force: true })
  return lock === undefined
}

function release(lock: FileLock): void {
  rmSync(lock.path, { force: true })
  lock.release()
}
