import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import type { TarXattr } from '../../entry.ts'
import { ArchiveError } from '../../errors.ts'
import type { PackTreeOptions } from '../../pack.ts'
import type { TarEntryInit } from '../../writer.ts'
import { fromLatin1, latin1, quoteBytes } from '../bytes.ts'
import { joinPath } from '../clean-path.ts'
import { isOverlayXattr } from '../extract/skipped.ts'
import { readFailure } from './failure.ts'

/** An entry of a tree, and the file that has its content. */
export interface TreeEntry {
  readonly init: TarEntryInit
  readonly path: Buffer
  readonly sizeBytes: number
}

/** The tree below `root` (each byte one character), sorted, each directory before what is in it. */
export function* treeEntries(root: string, options: PackTreeOptions): Generator<TreeEntry, void, undefined> {
  if (options.whiteouts === 'overlay' && !options.special) {
    throw new ArchiveError(
      'ERR_ARCHIVE_SPECIAL_FILES',
      `pack ${quoteBytes(fromLatin1(root))}: opaque directories can't be told without the \`special\` component`,
    )
  }
  yield* new TreeReader(root, options).directory('')
}

class TreeReader {
  readonly #root: string
  readonly #options: PackTreeOptions
  /** First name of each file that has several, by device and inode. */
  readonly #links = new Map<string, string>()

  constructor(root: string, options: PackTreeOptions) {
    this.#root = root
    this.#options = options
  }

  *directory(path: string): Generator<TreeEntry, void, undefined> {
    const absolute = this.#absolute(path)
    const stats = readFailure(absolute, () => lstatSync(absolute, { bigint: true }))
    const xattrs = this.#xattrs(absolute)
    if (path !== '' || this.#options.includeRoot !== false) {
      yield { init: this.#init(path === '' ? '.' : path, stats, 'directory', xattrs), path: absolute, sizeBytes: 0 }
    }
    if (this.#isOverlay && isOpaque(xattrs)) yield this.#whiteout(joinPath(path, '.wh..wh..opq'), absolute)
    const names = readFailure(absolute, () => readdirSync(absolute, { encoding: 'buffer' })).toSorted(Buffer.compare)
    for (const name of names) yield* this.#item(joinPath(path, latin1(name)), latin1(name))
  }

  get #isOverlay(): boolean {
    return this.#options.whiteouts === 'overlay'
  }

  #absolute(path: string): Buffer {
    return fromLatin1(path === '' ? this.#root : `${this.#root}/${path}`)
  }

  *#item(path: string, name: string): Generator<TreeEntry, void, undefined> {
    if (this.#options.filter && !this.#options.filter(fromLatin1(path))) return
    const absolute = this.#absolute(path)
    const stats = readFailure(absolute, () => lstatSync(absolute, { bigint: true }))
    if (this.#isOverlay && name.startsWith('.wh.')) {
      throw new ArchiveError(
        'ERR_ARCHIVE_ENTRY',
        `pack ${quoteBytes(absolute)}: a layer can't hold a file of this name: it means a whiteout`,
      )
    }
    if (stats.isDirectory()) yield* this.directory(path)
    else if (!stats.isSocket()) yield this.#leaf(path, name, absolute, stats)
  }

  #leaf(path: string, name: string, absolute: Buffer, stats: BigIntStats): TreeEntry {
    const xattrs = this.#xattrs(absolute)
    if (this.#isOverlay && isWhiteout(stats, xattrs))
      return this.#whiteout(`${path.slice(0, path.length - name.length)}.wh.${name}`, absolute)
    const first = this.#firstName(path, stats)
    if (first !== undefined) {
      return { init: { ...this.#init(path, stats, 'hardlink', xattrs), linkName: fromLatin1(first) }, path: absolute, sizeBytes: 0 }
    }
    if (stats.isFile()) return { init: this.#init(path, stats, 'file', xattrs), path: absolute, sizeBytes: Number(stats.size) }
    return { init: this.#special(path, absolute, stats, xattrs), path: absolute, sizeBytes: 0 }
  }

  #special(path: string, absolute: Buffer, stats: BigIntStats, xattrs: readonly TarXattr[]): TarEntryInit {
    if (stats.isSymbolicLink()) {
      const linkName = readFailure(absolute, () => readlinkSync(absolute, 'buffer'))
      return { ...this.#init(path, stats, 'symlink', xattrs), linkName }
    }
    if (stats.isFIFO()) return this.#init(path, stats, 'fifo', xattrs)
    return { ...this.#init(path, stats, stats.isBlockDevice() ? 'block' : 'character', xattrs), ...deviceNumbers(stats.rdev) }
  }

  /** The name under which a file was packed already. */
  #firstName(path: string, stats: BigIntStats): string | undefined {
    if (stats.nlink < 2n) return undefined
    const key = `${stats.dev}:${stats.ino}`
    const first = this.#links.get(key)
    if (first === undefined) this.#links.set(key, path)
    return first
  }

  #init(path: string, stats: BigIntStats, type: NonNullable<TarEntryInit['type']>, xattrs: readonly TarXattr[]): TarEntryInit {
    const { mapOwner, latestModified } = this.#options
    const ids = [Number(stats.uid), Number(stats.gid)] as const
    const [uid, gid] = mapOwner ? mapOwner(...ids) : ids
    const modified = latestModified !== undefined && stats.mtimeNs > latestModified ? latestModified : stats.mtimeNs
    const kept = type === 'hardlink' ? [] : xattrs.filter(({ name }) => isPacked(name))
    return { name: fromLatin1(path), type, mode: Number(stats.mode & 0o7777n), uid, gid, modified, xattrs: kept }
  }

  #whiteout(path: string, absolute: Buffer): TreeEntry {
    return { init: { name: fromLatin1(path), mode: 0o600 }, path: absolute, sizeBytes: 0 }
  }

  #xattrs(path: Buffer): readonly TarXattr[] {
    const { special } = this.#options
    if (!special) return []
    return readFailure(path, () => special.listXattrs(path).toSorted(Buffer.compare)).flatMap((name) => {
      const value = readFailure(path, () => special.getXattr(path, name))
      return value ? [{ name, value }] : []
    })
  }
}

/** Marks of overlay file systems are no part of the tree, and SELinux labels belong to the host. */
function isPacked(name: Uint8Array): boolean {
  return !isOverlayXattr(name) && latin1(name) !== 'security.selinux'
}

const opaqueNames: ReadonlySet<string> = new Set(['trusted.overlay.opaque', 'user.overlay.opaque', 'user.fuseoverlayfs.opaque'])
const whiteoutNames: ReadonlySet<string> = new Set(['trusted.overlay.whiteout', 'user.overlay.whiteout'])

function isOpaque(xattrs: readonly TarXattr[]): boolean {
  return xattrs.some(({ name, value }) => opaqueNames.has(latin1(name)) && latin1(value) === 'y')
}

/** A character device 0/0, or, since Linux 6.7, an empty file with an attribute. */
function isWhiteout(stats: BigIntStats, xattrs: readonly TarXattr[]): boolean {
  if (stats.isCharacterDevice()) return stats.rdev === 0n
  return stats.isFile() && stats.size === 0n && xattrs.some(({ name }) => whiteoutNames.has(latin1(name)))
}

/** Major and minor number of a device, as Linux puts them together (glibc's sys/sysmacros.h). */
function deviceNumbers(device: bigint): { major: number; minor: number } {
  return {
    major: Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n)),
    minor: Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n)),
  }
}
