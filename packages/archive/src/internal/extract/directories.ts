import { type BigIntStats, lstatSync, mkdirSync, readlinkSync } from 'node:fs'
import type { TarEntry } from '../../entry.ts'
import { fromLatin1, latin1, quoteBytes } from '../bytes.ts'
import { joinPath } from '../clean-path.ts'
import { isOverlayWhiteout } from '../overlay-marks.ts'
import { DirectoryNode } from './directory-node.ts'
import { conflict, entryError } from './failure.ts'
import { impliedAttributes } from './implied-attributes.ts'
import { removeTree } from './remove-tree.ts'
import type { Settings } from './settings.ts'

/** Symbolic links on the way to one directory, as the kernel's limit (path_resolution(7)). */
const maxLinks = 40

/** Directories are made with this mode, and get their own at the end. */
const workingMode = 0o700

/** Knows which directories below the root are real ones, so that no path ever leads through a symbolic link. */
export class Directories {
  readonly root: DirectoryNode
  readonly #settings: Settings
  readonly #implied: { readonly node: DirectoryNode; readonly attributes: DirectoryNode['attributes'] }[] = []
  #lastPath = ''
  #last: DirectoryNode

  constructor(settings: Settings, rootStats: BigIntStats) {
    this.#settings = settings
    this.root = new DirectoryNode('', undefined, rootStats, settings)
    this.#last = this.root
  }

  /** Directories that the archive implied; an entry that comes later is heeded. */
  get impliedCount(): number {
    return this.#implied.filter(({ node, attributes }) => node.attributes === attributes).length
  }

  absolute(path: string): Buffer {
    return fromLatin1(this.#settings.prefix + path)
  }

  lstat(path: string): BigIntStats | undefined {
    return lstatSync(this.absolute(path), { bigint: true, throwIfNoEntry: false })
  }

  /** The directory at `path`; what is missing is made, and what is no directory makes way. @throws ERR_ARCHIVE_UNSAFE_PATH */
  ensure(path: string, entry: TarEntry): DirectoryNode {
    if (path === this.#lastPath) return this.#last
    this.#last = this.#walk(path, entry, true)!
    this.#lastPath = path
    return this.#last
  }

  /** The directory at `path`, if it is there. @throws ERR_ARCHIVE_UNSAFE_PATH */
  find(path: string, entry: TarEntry): DirectoryNode | undefined {
    return this.#walk(path, entry, false)
  }

  /** What stands in the place of the directory `path`, or of one that it is in, and is neither a directory nor a symbolic link. */
  obstacle(path: string): string | undefined {
    for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
      const part = end < 0 ? path : path.slice(0, end)
      const stats = this.lstat(part)
      if (!stats?.isDirectory()) return stats === undefined || stats.isSymbolicLink() ? undefined : part
      if (end < 0) return undefined
    }
  }

  /** Makes the directory `name`, or keeps the one that is there. */
  make(parent: DirectoryNode, name: string): DirectoryNode {
    const known = parent.children?.get(name)
    if (known) return known
    const path = joinPath(parent.path, name)
    const existing = this.#mkdir(parent, name, path)
    return this.#add(
      parent,
      name,
      new DirectoryNode(path, parent, existing?.isDirectory() ? existing : undefined, this.#settings),
      existing,
    )
  }

  /** Deletes what `name` is, with all that is in it. */
  clear(parent: DirectoryNode, name: string): void {
    removeTree(this.absolute(joinPath(parent.path, name)))
    this.#forget(parent, name)
  }

  #forget(parent: DirectoryNode, name: string): void {
    parent.brought?.delete(name)
    if (!parent.children?.delete(name)) return
    this.#last = this.root
    this.#lastPath = ''
  }

  /** @returns what was there before. */
  #mkdir(parent: DirectoryNode, name: string, path: string): BigIntStats | undefined {
    const absolute = this.absolute(path)
    if (tryMkdir(absolute)) return undefined
    const existing = lstatSync(absolute, { bigint: true })
    if (existing.isDirectory()) return existing
    if (this.#settings.conflicts === 'refuse') throw conflict({ name: fromLatin1(path) }, 'a file is there, and no directory')
    this.clear(parent, name)
    mkdirSync(absolute, workingMode)
    return existing
  }

  #add(parent: DirectoryNode, name: string, node: DirectoryNode, before: BigIntStats | undefined): DirectoryNode {
    // A whiteout that becomes a directory hides what the layers below have in theirs.
    if (this.#settings.whiteouts === 'overlay' && before && isOverlayWhiteout(before)) node.isOpaque = true
    parent.children ??= new Map()
    parent.children.set(name, node)
    return node
  }

  #walk(path: string, entry: TarEntry, create: boolean): DirectoryNode | undefined {
    let node = this.root
    let links = 0
    const names = path === '' ? [] : path.split('/').toReversed()
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      if (name === '' || name === '.') continue
      if (name === '..') {
        node = node.parent ?? this.root
        continue
      }
      const next = node.children?.get(name) ?? this.#open(node, name, entry, create)
      if (next === undefined) return undefined
      if (next instanceof DirectoryNode) {
        node = next
        continue
      }
      if (++links > maxLinks) throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, 'too many symbolic links lie on the way to it')
      if (next.startsWith('/')) node = this.root
      names.push(...next.split('/').toReversed())
    }
    return node
  }

  /** @returns the directory, or the target of a symbolic link to be followed. */
  #open(parent: DirectoryNode, name: string, entry: TarEntry, create: boolean): DirectoryNode | string | undefined {
    const path = joinPath(parent.path, name)
    const existing = this.lstat(path)
    if (existing?.isDirectory()) return this.#add(parent, name, new DirectoryNode(path, parent, existing, this.#settings), existing)
    if (existing?.isSymbolicLink()) return this.#follow(path, entry)
    if (!create) return undefined
    const node = this.make(parent, name)
    node.attributes = impliedAttributes(this.#settings, path, entry)
    this.#implied.push({ node, attributes: node.attributes })
    return node
  }

  #follow(path: string, entry: TarEntry): string {
    if (this.#settings.symlinkedParents === 'follow') return latin1(readlinkSync(this.absolute(path), 'buffer'))
    throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, `its parent ${quoteBytes(fromLatin1(path))} is a symbolic link`, {
      hint: 'The archive is hostile, or made by a tool that writes through links.',
    })
  }
}

function tryMkdir(path: Buffer): boolean {
  try {
    mkdirSync(path, workingMode)
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false
    throw error
  }
}
