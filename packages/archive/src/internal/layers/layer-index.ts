import type { TarEntry } from '../../entry.ts'
import type { ArchiveError } from '../../errors.ts'
import { fromLatin1, latin1, quoteBytes } from '../bytes.ts'
import { baseName, cleanPath, parentPath } from '../clean-path.ts'
import { entryError } from '../extract/failure.ts'
import { whiteoutPath } from '../whiteout-path.ts'
import { createDirectory, type LayerDirectory, type LayerFile, type LayerNode, whiteoutNode } from './layer-node.ts'

/** Symbolic links on the way to one file, as the kernel's limit (path_resolution(7)). */
export const maxLinks = 40

/**
 * The longest path and target of a link that a system call takes (limits.h, PATH_MAX without its NUL): no longer one is of use to anybody, and
 * names that are a megabyte of directories would cost more than they weigh.
 */
const maxPathBytes = 4095

/** How an index is made. */
export interface IndexOptions {
  readonly symlinkedParents: 'refuse' | 'follow'
  /** Whether the entries of all files are kept. */
  readonly keepEntries: boolean
}

/** What one layer says of each name, as it would be extracted, entry after entry. */
export class LayerIndex {
  readonly root: LayerDirectory
  readonly #layer: number
  readonly #options: IndexOptions
  #ordinal = -1
  #lastPath = ''
  #last: LayerDirectory

  constructor(layer: number, options: IndexOptions) {
    this.#layer = layer
    this.#options = options
    this.root = createDirectory(layer, undefined, 'nothing')
    this.#last = this.root
  }

  /** @throws ERR_ARCHIVE_UNSAFE_PATH, ERR_ARCHIVE_LINK_TARGET, ERR_ARCHIVE_UNSUPPORTED */
  add(entry: TarEntry): void {
    this.#ordinal++
    checkLength(entry)
    const path = cleanPath(entry.name)
    if (path === undefined) throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, 'it leads out of the root')
    if (path === '') this.#takeRoot(entry)
    else if (!this.#takeWhiteout(path, entry)) this.#take(path, entry)
  }

  #takeRoot(entry: TarEntry): void {
    if (entry.type !== 'directory') throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, 'something other than a directory as the root')
    this.root.entry = entry
  }

  #takeWhiteout(path: string, entry: TarEntry): boolean {
    const whiteout = whiteoutPath(path)
    if (whiteout.type === 'none') return false
    if (whiteout.type === 'wrong') throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, whiteout.reason)
    // In what is no directory, there is nothing to be taken away.
    if (whiteout.type === 'metadata' || this.#isBlocked(whiteout.parent)) return true
    const parent = this.#ensure(whiteout.parent, entry)
    if (whiteout.type === 'opaque') hideContents(parent)
    else {
      // What this layer has under the name stays, whatever comes first.
      const node = parent.children.get(whiteout.name)
      if (node === undefined) parent.children.set(whiteout.name, whiteoutNode)
      else if (node.type === 'directory') hideContents(node)
    }
    return true
  }

  #isBlocked(path: string): boolean {
    let directory = this.root
    for (const name of path.split('/')) {
      const node = directory.children.get(name)
      if (node?.type !== 'directory') return node?.type === 'file' && node.entry?.type !== 'symlink'
      directory = node
    }
    return false
  }

  #take(path: string, entry: TarEntry): void {
    const parent = this.#ensure(parentPath(path), entry)
    const name = baseName(path)
    if (entry.type === 'directory') this.#directory(parent, name, entry).entry = entry
    else {
      const file = this.#file(path, entry)
      if (file) this.#set(parent, name, file)
    }
  }

  #file(path: string, entry: TarEntry): LayerFile | undefined {
    if (entry.type === 'unknown')
      throw entryError(
        'ERR_ARCHIVE_UNSUPPORTED',
        entry,
        `layers have no entries of type ${JSON.stringify(String.fromCharCode(entry.typeFlag))}`,
      )
    // Overlayfs's whiteout, which no layer may bring.
    if (entry.type === 'character' && entry.major === 0 && entry.minor === 0) return undefined
    if (entry.type === 'hardlink') return this.#linkTarget(path, entry)
    return this.#newFile(entry, undefined)
  }

  #newFile(entry: TarEntry, below: string | undefined): LayerFile {
    const isKept = this.#options.keepEntries || entry.type === 'symlink' || below !== undefined
    return { type: 'file', layer: this.#layer, ordinal: this.#ordinal, entry: isKept ? entry : undefined, below }
  }

  /** @returns undefined for a link to itself. */
  #linkTarget(path: string, entry: TarEntry): LayerFile | undefined {
    const target = cleanPath(entry.linkName)
    if (target === undefined) throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, 'a hard link that leads out of the root')
    const found = this.#walk(target === '' ? [] : target.split('/'), entry, 'find')
    if (found === 'below') return this.#newFile(entry, target)
    if (found?.type !== 'file') throw missingTarget(entry, target)
    return target === path ? undefined : found
  }

  #set(parent: LayerDirectory, name: string, node: LayerNode): void {
    const old = parent.children.get(name)
    parent.children.set(name, node)
    if (old?.type !== 'directory') return
    this.#last = this.root
    this.#lastPath = ''
  }

  #directory(parent: LayerDirectory, name: string, entry: TarEntry | undefined): LayerDirectory {
    const old = parent.children.get(name)
    if (old?.type === 'directory') return old
    const node = createDirectory(this.#layer, entry, old === undefined ? 'nothing' : 'all')
    parent.children.set(name, node)
    return node
  }

  #ensure(path: string, entry: TarEntry): LayerDirectory {
    if (path === this.#lastPath) return this.#last
    const found = this.#walk(path.split('/'), entry, 'make')
    this.#last = found as LayerDirectory
    this.#lastPath = path
    return this.#last
  }

  /**
   * Goes down a path. With `make`, what is missing is made, and what is no directory makes way: the result is a directory.
   *
   * @returns undefined when there is nothing, and `below` when this layer has nothing to say, so that the layers below may.
   */
  #walk(names: readonly string[], entry: TarEntry, mode: 'make' | 'find'): LayerDirectory | LayerFile | 'below' | undefined {
    const way: LayerDirectory[] = [this.root]
    const left = names.toReversed()
    let links = 0
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      if (name === '' || name === '.') continue
      if (name === '..') {
        if (way.length > 1) way.pop()
        continue
      }
      const directory = way.at(-1)!
      const node = directory.children.get(name)
      const isLast = left.length === 0
      if (node?.type === 'file' && isLast && mode === 'find') return node
      if (node?.type === 'directory') way.push(node)
      else if (node?.type === 'file' && node.entry?.type === 'symlink') {
        if (++links > maxLinks) throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, 'too many symbolic links lie on the way to it')
        const target = this.#follow(name, node.entry, entry)
        if (target.startsWith('/')) way.length = 1
        left.push(...target.split('/').toReversed())
      } else if (mode === 'make') way.push(this.#directory(directory, name, undefined))
      else return node === undefined && way.every(({ hides }) => hides === 'nothing') ? 'below' : undefined
    }
    return way.at(-1)!
  }

  #follow(name: string, link: TarEntry, entry: TarEntry): string {
    if (this.#options.symlinkedParents === 'follow') return latin1(link.linkName)
    throw symlinkedParent(entry, fromLatin1(name))
  }
}

function checkLength(entry: TarEntry): void {
  const length = Math.max(entry.name.length, entry.linkName.length)
  if (length > maxPathBytes) throw entryError('ERR_ARCHIVE_LIMIT', entry, `its path has ${length} bytes, more than ${maxPathBytes}`)
}

function hideContents(directory: LayerDirectory): void {
  if (directory.hides === 'nothing') directory.hides = 'contents'
}

/** @returns what a hard link to nothing is. */
export function missingTarget(entry: TarEntry, target: string): ArchiveError {
  return entryError('ERR_ARCHIVE_LINK_TARGET', entry, `a hard link to ${quoteBytes(fromLatin1(target))}, which is no file of these layers`)
}

/** @returns what an entry below a symbolic link is. */
export function symlinkedParent(entry: { readonly name: Uint8Array }, link: Uint8Array): ArchiveError {
  return entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, `its parent ${quoteBytes(link)} is a symbolic link`, {
    hint: 'The archive is hostile, or made by a tool that writes through links.',
  })
}
