import { cString, libcFunction } from './internal/libc.ts'
import { systemError } from './internal/system-error.ts'

const unshare = libcFunction('int unshare(int flags)')
const mount = libcFunction('int mount(const void *source, const void *target, const void *type, unsigned long flags, const void *data)')
const umount = libcFunction('int umount2(const void *target, int flags)')
const setns = libcFunction('int setns(int fd, int type)')
const fchdir = libcFunction('int fchdir(int fd)')
const chroot = libcFunction('int chroot(const void *path)')
/** mount_setattr(2) has the same number on every architecture, and no function in most C libraries. */
const setAttributes = libcFunction(
  'long syscall(long number, long directory, const void *path, unsigned long flags, const void *attributes, size_t size)',
)

const newMountNamespace = 0x20000
const ownFileSystem = 0x200
const [detach, noFollow] = [2, 8]
const [readOnlyFlag, noSetuid, noDevices, noExecution] = [1, 2, 4, 8]
const [bind, recursive, isPrivate] = [0x1000, 0x4000, 0x40000]
const mountSetattr = 442
const currentDirectory = -100
const attributeReadOnly = 1n
const atRecursive = 0x8000

/**
 * Gives the calling thread a mount namespace of its own (unshare(2)): what it mounts from now on, nobody else sees, and it is gone with the process. Node's
 * other threads stay where they were: only synchronous calls see these mounts, and programs that are started from here.
 *
 * @throws an error as `node:fs` throws it: EPERM without CAP_SYS_ADMIN.
 */
export function unshareMounts(): void {
  if (unshare(newMountNamespace) < 0) throw systemError('unshare')
  if (mount(cString('none'), cString('/'), null, recursive | isPrivate, null) < 0) throw systemError('mount', '/')
}

/**
 * Takes the calling thread into another mount namespace (setns(2)); Node's other threads stay where they were.
 *
 * @param namespace a descriptor of `/proc/PID/ns/mnt`
 * @throws an error as `node:fs` throws it: EPERM without CAP_SYS_ADMIN in the namespace's user namespace.
 */
export function joinMounts(namespace: number): void {
  // The kernel refuses a thread that shares its root and working directory with others.
  if (unshare(ownFileSystem) < 0) throw systemError('unshare')
  if (setns(namespace, newMountNamespace) < 0) throw systemError('setns')
}

/** Takes down what is mounted at a path, lazily; a link at its end is not followed (umount2(2)). @throws an error as `node:fs` throws it */
export function unmountDetached(target: string): void {
  if (umount(cString(target), detach | noFollow) < 0) throw systemError('umount2', target)
}

/** Mounts an empty directory that nothing can be put into over what is at a path (mount(2), tmpfs). @throws an error as `node:fs` throws it */
export function coverDirectory(target: string): void {
  const flags = readOnlyFlag | noSetuid | noDevices | noExecution
  if (mount(cString('none'), cString(target), cString('tmpfs'), flags, cString('size=4k,mode=555')) < 0) throw systemError('mount', target)
}

/** How far `bindMount` and `makeMountReadOnly` go. */
export interface MountOptions {
  /** With what is mounted below. @default true */
  readonly withMounts?: boolean | undefined
}

/**
 * Mounts a file or directory at another place (mount(2), MS_BIND). A target that must not be looked up again is named by its descriptor, as `/proc/self/fd/N`.
 *
 * @throws an error as `node:fs` throws it.
 */
export function bindMount(source: string, target: string, { withMounts = true }: MountOptions = {}): void {
  if (mount(cString(source), cString(target), null, bind | (withMounts ? recursive : 0), null) < 0) throw systemError('mount', source)
}

/** Makes what is mounted at a path read-only, for all who see this mount. @throws an error as `node:fs` throws it; ENOSYS before kernel 5.12 */
export function makeMountReadOnly(target: string, { withMounts = true }: MountOptions = {}): void {
  // struct mount_attr: attr_set, attr_clr, propagation, userns_fd.
  const attributes = Buffer.alloc(32)
  attributes.writeBigUInt64LE(attributeReadOnly, 0)
  if (setAttributes(mountSetattr, currentDirectory, cString(target), withMounts ? atRecursive : 0, attributes, 32) < 0) {
    throw systemError('mount_setattr', target)
  }
}

/**
 * Makes a directory the root of this process, for good (chroot(2)), and goes there: no path leads out of it any more, whatever links others make in it. Node's
 * other threads come along unless `unshareMounts` was called before. What is not loaded yet can't be loaded any more.
 *
 * @throws an error as `node:fs` throws it.
 */
export function changeRoot(directory: string): void {
  if (chroot(cString(directory)) < 0) throw systemError('chroot', directory)
  process.chdir('/')
}

/** Makes an open directory the working directory (fchdir(2)). @throws an error as `node:fs` throws it */
export function changeDirectory(fd: number): void {
  if (fchdir(fd) < 0) throw systemError('fchdir')
}
