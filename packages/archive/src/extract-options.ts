import type { AbortOptions, ProgressOptions } from '@podwright/conventions'
import type { SpecialFiles } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import type { Compression } from './compression.ts'
import type { TarEntry } from './entry.ts'

/** How far an extraction is. Sent about every 4 MiB of tar, and at the end. */
export interface ExtractProgress {
  readonly type: 'extract:progress'
  /** Uncompressed bytes of the tar read so far. */
  readonly tarBytes: number
  readonly entries: number
}

/** Options of `extractLayer`. */
export interface ExtractOptions extends AbortOptions, ProgressOptions<ExtractProgress> {
  /** What the input is compressed with. @default 'auto': by its first bytes */
  readonly compression?: Compression | 'auto' | undefined
  /**
   * Writes what Node can't: devices, FIFOs, extended attributes, nanosecond times. Without it an archive that has devices, FIFOs or
   * whiteouts for overlay fails, and attributes and nanoseconds are left out and reported.
   */
  readonly special?: SpecialFiles | undefined
  /**
   * What becomes of `.wh.` names.
   * - `apply`: what they name is deleted, if it was there before this layer. For a tree that holds the layers below.
   * - `overlay`: character devices 0/0 and opaque directories, as overlayfs has them. For an empty directory of this layer alone.
   * - `keep`: they become files of that name, as in the tar.
   *
   * @default 'apply'
   */
  readonly whiteouts?: 'apply' | 'overlay' | 'keep' | undefined
  /** With `whiteouts: 'overlay'`: which namespace marks opaque directories; `user` for overlayfs mounted with `userxattr`. @default 'trusted' */
  readonly overlayXattrs?: 'trusted' | 'user' | undefined
  /**
   * Whose the files are. `archive`: as the archive says, through `mapOwner`; `caller`: whoever runs this.
   *
   * @default 'archive' for root (or root of a user namespace), else 'caller'
   */
  readonly owners?: 'archive' | 'caller' | undefined
  /** With `caller`: to whom the files are given, by somebody who may. @default they stay whoever's runs this */
  readonly callerOwner?: readonly [uid: number, gid: number] | undefined
  /** Turns the archive's ids into those on disk. Called for each new pair; its answers are kept. @default unchanged */
  readonly mapOwner?: ((uid: number, gid: number) => readonly [uid: number, gid: number]) | undefined
  /** What becomes of character and block devices. `skip` reports them. Podman and Docker skip when rootless. @default 'create' */
  readonly devices?: 'create' | 'refuse' | 'skip' | undefined
  /**
   * What becomes of an entry below a symbolic link (`lib -> usr/lib`, then `lib/x`). `follow`: it is put where the link leads, with the
   * directory as root as if by chroot(2), as Docker and Podman do. `refuse`: ERR_ARCHIVE_UNSAFE_PATH.
   *
   * @default 'refuse'
   */
  readonly symlinkedParents?: 'refuse' | 'follow' | undefined
  /**
   * Trees of the layers below, the topmost first: a directory that the archive implies but does not have (`a/b` without `a`) takes its mode,
   * owner, times and attributes from there. For `whiteouts: 'overlay'`, where the directory would otherwise hide what it was.
   *
   * @default none: 0755, 0:0
   */
  readonly lowerDirectories?: readonly (string | Uint8Array)[] | undefined
  /** Most entries. @default no limit */
  readonly maxEntries?: number | undefined
  /** Most bytes of all files together, holes included. @default no limit */
  readonly maxSizeBytes?: number | undefined
  /** Free space of the file system below which nothing more is written. @default 0 */
  readonly minFreeBytes?: number | undefined
  /** Free inodes below which no more are made, on file systems that count them. @default 0 */
  readonly minFreeInodes?: number | undefined
}

/** Something of an archive that was left out. */
export interface SkippedItem {
  /** Name of the entry, as written. */
  readonly name: Uint8Array
  readonly what: 'device' | 'socket' | 'xattr' | 'nanoseconds' | 'metadata' | 'file'
  /** Of an attribute: its name. */
  readonly detail: string
  /** Why: a word such as `EPERM`, `ENOTSUP`, `reserved`, `asked`. */
  readonly reason: string
}

/** What an extraction did. */
export interface ExtractResult {
  /** sha256 of the uncompressed tar, up to the last byte of the input. */
  readonly diffId: Digest
  /** Length of the uncompressed tar. */
  readonly tarBytes: number
  /** Bytes of all files, holes included; a hard link counts once. */
  readonly sizeBytes: number
  readonly entries: number
  readonly whiteouts: number
  /** The entry of the root (`./`), when there is one: its attributes were given to the directory. The last one wins. */
  readonly root: TarEntry | undefined
  /** Whether the root had an opaque marker, which overlayfs has no place for: nothing of the layers below is to be seen. */
  readonly rootOpaque: boolean
  /** How many directories the archive implied without having them, and left so: what `lowerDirectories` is for. */
  readonly impliedDirectories: number
  /** The first hundred things that were left out. */
  readonly skipped: readonly SkippedItem[]
  readonly skippedCount: number
  /** How many attributes of overlay file systems were stripped; also in `skipped`. */
  readonly strippedXattrs: number
}
