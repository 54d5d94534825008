import type { Runtime } from '@podwright/contracts'
import { type FileLock, findTool, tryLockFile } from '@podwright/linux'
import { entryArguments } from '../entries.ts'
import type { EngineParts } from '../parts.ts'
import type { ContainerRecord } from '../state/record.ts'
import type { ContainerFiles } from './files.ts'
import { mayHaveHooks } from './may-have-hooks.ts'

/**
 * What the monitor runs when the container has ended. First the runtime forgets the container: the monitor stands in its namespaces already, and a client
 * that cleans up does the rest meanwhile. Then our clean-up entry, unless such a client holds the client lock: `flock -n` ends at once then, before a Node
 * process is started.
 *
 * The programs may have moved by then: whoever comes next reconciles, this only hastens it.
 */
export function cleanupCommand(
  parts: EngineParts,
  runtime: Runtime,
  files: ContainerFiles,
  { id, settings }: ContainerRecord,
): readonly string[] {
  if (mayHaveHooks(settings)) return cleanup(parts, files, id)
  const forget = [runtime.path, ...runtime.globalArguments, 'delete', id]
  return [findTool('sh') ?? '/bin/sh', '-c', `${shellWords(forget)} >/dev/null 2>&1; exec ${shellWords(cleanup(parts, files, id))}`]
}

function shellWords(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
}

function cleanup(parts: EngineParts, files: ContainerFiles, id: string): readonly string[] {
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
