import { closeSync, constants, openSync } from 'node:fs'
import { libcFunction } from './internal/libc.ts'
import { systemError } from './internal/system-error.ts'

const ioctl = libcFunction('int ioctl(int fd, unsigned long request, void *argument)')

/** FIONREAD of asm-generic/ioctls.h, and of those that differ. */
const bytesToRead = process.arch === 'ppc64' || process.arch === 'mips' || process.arch === 'mipsel' ? 0x4004667f : 0x541b

/** How many bytes have been written to a FIFO that its reader has not taken yet. @throws a system error, ENOENT when there is none */
export function unreadBytes(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const count = new Int32Array(1)
    if (ioctl(fd, bytesToRead, new Uint8Array(count.buffer)) < 0) throw systemError('ioctl', path)
    return count[0] ?? 0
  } finally {
    closeSync(fd)
  }
}
