import { type FileLock, findTool, tryLockFile } from '@podwright/linux'
import { entryArguments } from '../entries.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerFiles } from './files.ts'

/**
 * What the monitor runs when the container has ended: our clean-up entry, unless a client that cleans up by itself holds the client lock;
 * then `flock -n` ends at once, before a Node process is started.
 *
 * The program may have moved by then: whoever comes next reconciles, this only hastens it.
 */
export function cleanupCommand(parts: EngineParts, files: ContainerFiles, id: string): readonly string[] {
  const inside = parts.rootless ? ['--inside'] : []
  const node = [process.execPath, ...entryArguments(parts.entries.cleanup)]
  const command = [...node, ...inside, '--root', parts.paths.root, '--runroot', parts.paths.runRoot, id]
  const flock = findTool('flock')
  return flock === undefined ? command : [flock, '-n', files.clientLock, ...command]
}

/** Takes it on us to clean up; undefined when somebody else did. */
export function holdCleanup(files: ContainerFiles): FileLock | undefined {
  return tryLockFile(files.clientLock)
}
