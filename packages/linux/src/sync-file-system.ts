import { asyncLibcFunction, libcFunction } from './internal/libc.ts'
import { systemError } from './internal/system-error.ts'

const definition = 'int syncfs(int fd)'
const syncfs = libcFunction(definition)
const syncfsOnPool = asyncLibcFunction(definition)

/**
 * Writes everything of the file system that holds `fd` to the disk (syncfs(2)). Blocks the thread until it is there.
 *
 * @throws an error as `node:fs` throws it; from kernel 5.8 on also when an earlier write-back failed.
 */
export function syncFileSystem(fd: number): void {
  if (syncfs(fd) < 0) throw systemError('syncfs')
}

/** The same on Node's thread pool, where it takes one of the threads meanwhile. The descriptor must stay open until it is done. */
export async function syncFileSystemAsync(fd: number): Promise<void> {
  const { value, errno } = await syncfsOnPool(fd)
  if (value < 0) throw systemError('syncfs', undefined, errno)
}
