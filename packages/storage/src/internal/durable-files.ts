import { close, fsync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

const syncDescriptor = promisify(fsync)
const closeDescriptor = promisify(close)

/** Has a file's bytes, or a directory's entries, on the disk. */
export async function sync(path: string): Promise<void> {
  const fd = openSync(path, 'r')
  try {
    await syncDescriptor(fd)
  } finally {
    await closeDescriptor(fd)
  }
}

/** Has it on the disk that `path` is, or no longer is, in its directory. */
export function syncParent(path: string): Promise<void> {
  return sync(dirname(path))
}
