import type { SpecialFiles } from '@podwright/contracts'
import { constants } from 'node:os'
import { cString, lastErrno, libcFunction } from './internal/libc.ts'
import { syscall } from './internal/syscall.ts'
import { systemError } from './internal/system-error.ts'

const utimensat = libcFunction('int utimensat(int dirfd, const void *path, const void *times, int flags)')
const lsetxattr = libcFunction('int lsetxattr(const void *path, const void *name, const void *value, size_t size, int flags)')
const lremovexattr = libcFunction('int lremovexattr(const void *path, const void *name)')
const llistxattr = libcFunction('intptr_t llistxattr(const void *path, void *list, size_t size)')
const lgetxattr = libcFunction('intptr_t lgetxattr(const void *path, const void *name, void *value, size_t size)')

const currentDirectory = -100
const noFollow = 0x100
const nanosecondsPerSecond = 1_000_000_000n

/** Linux's XATTR_SIZE_MAX and XATTR_LIST_MAX (linux/limits.h); a buffer of this size is never too small. */
const maxXattrBytes = 65_536

/** What Node can't do to files, by libc: device nodes, extended attributes, nanosecond times. Opens libc at the first call. */
export function createSpecialFiles(): SpecialFiles {
  return { mknod, setTimes, setXattr, removeXattr, listXattrs, getXattr }
}

function mknod(path: Uint8Array, mode: number, major: number, minor: number): void {
  // mknodat(2) by number: glibc before 2.33 has no symbol for it. The kernel's encoding of a device number is new_encode_dev().
  const device = ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0
  if (syscall('mknodat', currentDirectory, cString(path), mode, device) < 0) throw systemError('mknod', path)
}

const times = Buffer.alloc(32)

function setTimes(path: Uint8Array, modifiedNanoseconds: bigint): void {
  let seconds = modifiedNanoseconds / nanosecondsPerSecond
  let nanoseconds = modifiedNanoseconds % nanosecondsPerSecond
  if (nanoseconds < 0n) {
    nanoseconds += nanosecondsPerSecond
    seconds -= 1n
  }
  for (const offset of [0, 16]) {
    times.writeBigInt64LE(seconds, offset)
    times.writeBigInt64LE(nanoseconds, offset + 8)
  }
  if (utimensat(currentDirectory, cString(path), times, noFollow) < 0) throw systemError('utimensat', path)
}

function setXattr(path: Uint8Array, name: Uint8Array, value: Uint8Array): void {
  if (lsetxattr(cString(path), cString(name), value, value.byteLength, 0) < 0) throw systemError('lsetxattr', path)
}

function removeXattr(path: Uint8Array, name: Uint8Array): void {
  if (lremovexattr(cString(path), cString(name)) < 0) throw systemError('lremovexattr', path)
}

let scratch: Buffer | undefined

function listXattrs(path: Uint8Array): Uint8Array[] {
  scratch ??= Buffer.allocUnsafeSlow(maxXattrBytes)
  const length = llistxattr(cString(path), scratch, scratch.byteLength)
  if (length < 0) {
    // A file system without extended attributes has none to list.
    if (lastErrno() === constants.errno.ENOTSUP) return []
    throw systemError('llistxattr', path)
  }
  const names: Uint8Array[] = []
  for (let start = 0; start < length;) {
    const end = scratch.indexOf(0, start)
    names.push(Uint8Array.prototype.slice.call(scratch, start, end))
    start = end + 1
  }
  return names
}

function getXattr(path: Uint8Array, name: Uint8Array): Uint8Array | undefined {
  scratch ??= Buffer.allocUnsafeSlow(maxXattrBytes)
  const length = lgetxattr(cString(path), cString(name), scratch, scratch.byteLength)
  if (length >= 0) return Uint8Array.prototype.slice.call(scratch, 0, length)
  const errno = lastErrno()
  if (errno === constants.errno.ENODATA || errno === constants.errno.ENOTSUP) return undefined
  throw systemError('lgetxattr', path, errno)
}
