/**
 * What a file tree needs that Node can't write or read: device nodes, extended attributes, nanosecond times. Handed to `archive`, which is
 * portable; implemented by `linux`.
 *
 * Paths and attribute names are bytes without a trailing NUL; no call follows a symbolic link in the last component. All are synchronous. A
 * failure throws an Error with `code` (`EPERM`), `syscall` and `path`, as Node's own file calls do.
 */
export interface SpecialFiles {
  /** mknod(2). `mode` carries the type bits (S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK) and the permissions. */
  mknod(path: Uint8Array, mode: number, major: number, minor: number): void
  /** utimensat(2), the modification time and the same as access time, in nanoseconds since the epoch, negative before it. */
  setTimes(path: Uint8Array, modifiedNanoseconds: bigint): void
  /** lsetxattr(2). */
  setXattr(path: Uint8Array, name: Uint8Array, value: Uint8Array): void
  /** lremovexattr(2). */
  removeXattr(path: Uint8Array, name: Uint8Array): void
  /** llistxattr(2). */
  listXattrs(path: Uint8Array): Uint8Array[]
  /** lgetxattr(2); undefined when it isn't set. */
  getXattr(path: Uint8Array, name: Uint8Array): Uint8Array | undefined
}
