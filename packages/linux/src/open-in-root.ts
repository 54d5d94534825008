import { closeSync, constants, openSync } from 'node:fs'
import { cString } from './internal/libc.ts'
import { syscall } from './internal/syscall.ts'
import { systemError } from './internal/system-error.ts'

/** How `openInRoot` opens. */
export interface OpenInRootOptions {
  /** Flags of open(2) from `fs.constants`; O_CLOEXEC is added. @default O_RDONLY */
  readonly flags?: number
  /** Permissions of a file that O_CREAT makes. @default 0o666 */
  readonly mode?: number
  /** Symbolic links are an error (ELOOP) instead of being resolved inside the root. @default false */
  readonly noSymlinks?: boolean
  /** Mount points are not crossed (EXDEV). @default false */
  readonly noMountPoints?: boolean
}

const closeOnExec = 0o2000000
const pathOnly = 0o10000000
const resolveNoXdev = 0x01
const resolveNoMagicLinks = 0x02
const resolveNoSymlinks = 0x04
const resolveInRoot = 0x10

/**
 * Opens `path` as if `root` were the root directory: `..` and symbolic links, absolute ones too, never lead out of it (openat2(2),
 * RESOLVE_IN_ROOT, kernel 5.6).
 *
 * @param root a directory's path, or a descriptor of it, which stays open.
 * @returns a descriptor, which the caller closes.
 * @throws an error as `node:fs` throws it. EAGAIN (retry) when something was renamed meanwhile, ENOSYS before kernel 5.6.
 */
export function openInRoot(root: number | string, path: string | Uint8Array, options: OpenInRootOptions = {}): number {
  const directory = typeof root === 'number' ? root : openSync(root, constants.O_DIRECTORY | pathOnly)
  try {
    const fd = syscall('openat2', directory, cString(path), openHow(options), 24)
    if (fd < 0) throw systemError('openat2', path)
    return fd
  } finally {
    if (directory !== root) closeSync(directory)
  }
}

/** struct open_how: flags, mode, resolve, 64 bits each. A mode is refused where nothing is created. */
function openHow({ flags = constants.O_RDONLY, mode = 0o666, noSymlinks = false, noMountPoints = false }: OpenInRootOptions): Uint8Array {
  const how = Buffer.alloc(24)
  how.writeBigUInt64LE(BigInt(flags | closeOnExec), 0)
  how.writeBigUInt64LE(BigInt((flags & constants.O_CREAT) === 0 ? 0 : mode), 8)
  const resolve = resolveInRoot | resolveNoMagicLinks | (noSymlinks ? resolveNoSymlinks : 0) | (noMountPoints ? resolveNoXdev : 0)
  how.writeBigUInt64LE(BigInt(resolve), 16)
  return how
}
