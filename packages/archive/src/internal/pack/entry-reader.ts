import { type BigIntStats, type Dirent, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { systemCodeOf } from '@podwright/conventions'
import type { TarXattr } from '../../entry.ts'
import type { SkippedItem } from '../../extract-options.ts'
import type { TarEntryInit } from '../../writer.ts'
import { fromLatin1, latin1 } from '../bytes.ts'
import { isOverlayXattr } from '../overlay-marks.ts'
import { readFailure } from './failure.ts'
import type { ReadTreeOptions } from './options.ts'

/** An entry of a tree, and the file that has its content. */
export interface TreeEntry {
  readonly init: TarEntryInit
  readonly path: Buffer
  readonly sizeBytes: number
}

/** Reads what is in a tree on disk. Paths are relative to its root, each byte one character; empty for the root. */
export class EntryReader {
  readonly #root: string
  readonly #options: ReadTreeOptions
  /** What the root is called in the archive, each byte one character; empty when nobody said. */
  readonly #name: string
  /** First name in the archive of each file that has several, by device and inode. */
  readonly #links = new Map<string, string>()

  constructor(root: string, options: ReadTreeOptions) {
    this.#root = root
    const { name = '' } = options
    this.#name = latin1(typeof name === 'string' ? Buffer.from(name) : name)
    this.#options = options
  }

  absolute(path: string): Buffer {
    return fromLatin1(path === '' ? this.#root : `${this.#root}/${path}`)
  }

  isWanted(path: string): boolean {
    return !this.#options.filter || this.#options.filter(fromLatin1(path))
  }

  /** @returns undefined when it is gone, and that may be. @throws ERR_ARCHIVE_READ */
  stats(path: string): BigIntStats | undefined {
    return this.#unlessGone(path, () => lstatSync(this.absolute(path), { bigint: true }))
  }

  /** What is in a directory, sorted by the bytes of its names. @throws ERR_ARCHIVE_READ */
  items(path: string): Dirent<Buffer>[] {
    const items = this.#unlessGone(path, () => readdirSync(this.absolute(path), { encoding: 'buffer', withFileTypes: true }))
    return (items ?? []).toSorted((a, b) => Buffer.compare(a.name, b.name))
  }

  /** All attributes, sorted by name; those that are no part of a layer too. @throws ERR_ARCHIVE_READ */
  xattrs(path: string): readonly TarXattr[] {
    const { special } = this.#options
    if (!special) return []
    const absolute = this.absolute(path)
    const names = this.#unlessGone(path, () => special.listXattrs(absolute)) ?? []
    if (names.length === 0) return []
    return names.toSorted(Buffer.compare).flatMap((name) => {
      const value = this.#unlessGone(path, () => special.getXattr(absolute, name))
      return value ? [{ name, value }] : []
    })
  }

  /** The entry of what `stats` tells of; undefined for what no tar holds, and what is gone. */
  entry(path: string, stats: BigIntStats, xattrs: readonly TarXattr[]): TreeEntry | undefined {
    const absolute = this.absolute(path)
    const plain = (type: NonNullable<TarEntryInit['type']>, more: Partial<TarEntryInit> = {}): TreeEntry => ({
      init: { ...this.#init(path, stats, type, xattrs), ...more },
      path: absolute,
      sizeBytes: type === 'file' ? Number(stats.size) : 0,
    })
    if (stats.isDirectory()) return plain('directory')
    if (stats.isSocket()) return this.skip(path, 'socket', 'no place')
    const first = this.#firstName(path, stats)
    if (first !== undefined) return plain('hardlink', { linkName: fromLatin1(first) })
    if (stats.isFile()) return plain('file')
    if (stats.isFIFO()) return plain('fifo')
    if (stats.isSymbolicLink()) {
      const linkName = this.readLink(path)
      return linkName && plain('symlink', { linkName })
    }
    return plain(stats.isBlockDevice() ? 'block' : 'character', deviceNumbers(stats.rdev))
  }

  readLink(path: string): Buffer | undefined {
    return this.#unlessGone(path, () => readlinkSync(this.absolute(path), 'buffer'))
  }

  skip(path: string, what: SkippedItem['what'], reason: string): undefined {
    this.#options.onSkipped?.({ name: fromLatin1(path === '' ? this.#nameOf(path) : path), what, detail: '', reason })
  }

  /** Takes note that a file was not packed after all, so that no hard link may be made to it. */
  forget(name: Uint8Array): void {
    const path = latin1(name)
    for (const [key, first] of this.#links) if (first === path) this.#links.delete(key)
  }

  #unlessGone<Result>(path: string, read: () => Result): Result | undefined {
    try {
      return readFailure(this.absolute(path), read)
    } catch (error) {
      const isGone = path !== '' && this.#options.changing === 'take' && systemCodeOf((error as Error).cause) === 'ENOENT'
      if (!isGone) throw error
      return this.skip(path, 'file', 'ENOENT')
    }
  }

  /** The name under which a file was packed already. */
  #firstName(path: string, stats: BigIntStats): string | undefined {
    if (stats.nlink < 2n) return undefined
    const key = inodeKey(stats)
    const first = this.#links.get(key)
    if (first === undefined) this.#links.set(key, this.#nameOf(path))
    return first
  }

  #nameOf(path: string): string {
    if (this.#name === '' || this.#name === '.') return path === '' ? '.' : path
    return path === '' ? this.#name : `${this.#name}/${path}`
  }

  #init(path: string, stats: BigIntStats, type: NonNullable<TarEntryInit['type']>, xattrs: readonly TarXattr[]): TarEntryInit {
    const { mapOwner, latestModified } = this.#options
    const ids = [Number(stats.uid), Number(stats.gid)] as const
    const [uid, gid] = mapOwner ? mapOwner(...ids) : ids
    const modified = latestModified !== undefined && stats.mtimeNs > latestModified ? latestModified : stats.mtimeNs
    const name = fromLatin1(this.#nameOf(path))
    return { name, type, mode: Number(stats.mode & 0o7777n), uid, gid, modified, xattrs: packedXattrs(xattrs) }
  }
}

/** What tells one file from another. */
export function inodeKey({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`
}

/** The attributes that belong to a layer: marks of overlay file systems are no part of the tree, and SELinux labels belong to the host. */
export function packedXattrs(xattrs: readonly TarXattr[]): readonly TarXattr[] {
  return xattrs.filter(({ name }) => !isOverlayXattr(name) && latin1(name) !== 'security.selinux')
}

/** Major and minor number of a device, as Linux puts them together (glibc's sys/sysmacros.h). */
function deviceNumbers(device: bigint): { major: number; minor: number } {
  return {
    major: Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n)),
    minor: Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n)),
  }
}
