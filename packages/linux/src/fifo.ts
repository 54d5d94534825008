import { closeSync, constants, openSync } from 'node:fs'
import { lastErrno, libcFunction } from './internal/libc.ts'
import { errnoName } from './internal/system-error.ts'
import { createSpecialFiles } from './special-files.ts'

const fcntl = libcFunction('int fcntl(int fd, int command, int value)')
const getFlags = 3
const setFlags = 4
const setPipeSize = 1031

/** Makes a FIFO that only its owner may open (mkfifo(3)). @throws an error as `node:fs` throws it */
export function makeFifo(path: string): void {
  createSpecialFiles().mknod(Buffer.from(path), constants.S_IFIFO | 0o600, 0, 0)
}

/**
 * Has a pipe hold that many bytes (fcntl(2), F_SETPIPE_SZ), in place of 64 KiB. Where the kernel refuses, as to a user who has many large ones already, it stays
 * as it is.
 *
 * @returns whether it does
 */
export function setPipeCapacity(fd: number, bytes: number): boolean {
  return fcntl(fd, setPipeSize, bytes) >= 0
}

/**
 * Opens an end of a FIFO without waiting for the other one: whoever was to open that may have been killed. Reading from one that nobody has opened ends at once.
 *
 * @throws an error as `node:fs` throws it; `ENXIO`: nobody reads what would be written
 */
export function openFifo(path: string, direction: 'read' | 'write'): number {
  const fd = openSync(path, (direction === 'read' ? constants.O_RDONLY : constants.O_WRONLY) | constants.O_NONBLOCK)
  try {
    waitForIo(fd)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** Has reading and writing wait (fcntl(2), without O_NONBLOCK), where opening was not to. */
export function waitForIo(fd: number): void {
  const flags = fcntl(fd, getFlags, 0)
  if (flags < 0 || fcntl(fd, setFlags, flags & ~constants.O_NONBLOCK) < 0) throw new Error(`fcntl: ${errnoName(lastErrno())}`)
}
