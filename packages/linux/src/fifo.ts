import { constants } from 'node:fs'
import { libcFunction } from './internal/libc.ts'
import { createSpecialFiles } from './special-files.ts'

const fcntl = libcFunction('int fcntl(int fd, int command, int value)')
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
