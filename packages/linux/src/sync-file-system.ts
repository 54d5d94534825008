import { libcFunction } from './internal/libc.ts'
import { systemError } from './internal/system-error.ts'

const syncfs = libcFunction('int syncfs(int fd)')

/**
 * Writes everything of the file system that holds `fd` to the disk (syncfs(2)). Blocks the thread until it is there.
 *
 * @throws an error as `node:fs` throws it; from kernel 5.8 on also when an earlier write-back failed.
 */
export function syncFileSystem(fd: number): void {
  if (syncfs(fd) < 0) throw systemError('syncfs')
}
