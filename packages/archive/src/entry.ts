/** What an entry of a tar is. `unknown` has a type flag that layers do not use. */
export type TarEntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo' | 'unknown'

/** An extended attribute. Name and value are bytes. */
export interface TarXattr {
  /** With its namespace: `security.capability`. */
  readonly name: Uint8Array
  readonly value: Uint8Array
}

/** A stretch of a sparse file that has data; what lies between is zeros. */
export interface SparseRegion {
  readonly offset: number
  readonly length: number
}

/** One entry of a tar: everything but its content. */
export interface TarEntry {
  /** As written, in bytes of no certain encoding: `./usr/bin/env`, `/etc/`, `../x`. Not cleaned: don't use it as a path. */
  readonly name: Uint8Array
  /** Target of a symbolic or hard link, as written; empty otherwise. */
  readonly linkName: Uint8Array
  readonly type: TarEntryType
  /** The header's type flag, a byte: 0x30 is a file. */
  readonly typeFlag: number
  /** Permission bits with setuid, setgid and sticky: 0o7777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Empty when the archive does not say. */
  readonly userName: Uint8Array
  readonly groupName: Uint8Array
  /** Of the file as it will be, holes included; 0 for all but files. */
  readonly sizeBytes: number
  /** Bytes of content in the archive: less than `sizeBytes` for a sparse file. */
  readonly storedBytes: number
  /** Modification time in nanoseconds since the epoch, negative before it. */
  readonly modified: bigint
  /** Of a device. */
  readonly major: number
  readonly minor: number
  /**
   * In the archive's order; of `SCHILY.xattr.*` and `LIBARCHIVE.xattr.*` records, and of ACLs (`SCHILY.acl.*`) as the attributes that Linux has them
   * in. An ACL with names instead of numbers keeps the record's key as its name and its text as its value.
   */
  readonly xattrs: readonly TarXattr[]
  /** Stretches with data, ascending; undefined for a file without holes. */
  readonly sparse: readonly SparseRegion[] | undefined
}

/** Bytes in pieces of any size. A Node stream, a web stream, an array of chunks. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>
