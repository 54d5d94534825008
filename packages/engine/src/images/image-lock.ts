import type { AbortOptions } from '@podwright/conventions'
import { type FileLock, lockFile } from '@podwright/linux'
import type { EngineParts } from '../parts.ts'

/**
 * Held shared from a look whether an image is there until the row of a container on it is written, and alone by whoever removes images that no container is on:
 * the two are in different databases, so that no transaction spans them.
 */
export function lockImages(parts: EngineParts, mode: 'shared' | 'alone', { signal }: AbortOptions = {}): Promise<FileLock> {
  return lockFile(parts.paths.imageLock, { exclusive: mode === 'alone', signal, clock: parts.clock })
}
