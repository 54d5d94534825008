import type { TarEntry } from '../../entry.ts'
import { fromLatin1 } from '../bytes.ts'
import { joinPath } from '../clean-path.ts'
import { maxLinks, missingTarget, symlinkedParent } from './layer-index.ts'
import type { LayerDirectory, LayerFile, LayerNode } from './layer-node.ts'

/** A directory as it is seen through the layers: what each has of it, the topmost first. */
export interface MergedDirectory {
  readonly type: 'directory'
  readonly path: string
  readonly parts: readonly LayerDirectory[]
  /** Whether layers that are not looked at yet may have something in it. */
  readonly isOpen: boolean
}

/** What a name is. `unknown`: the layers that were looked at don't say. */
export type MergedNode =
  | MergedDirectory
  | { readonly type: 'file'; readonly path: string; readonly file: LayerFile }
  | { readonly type: 'absent' }
  | { readonly type: 'unknown' }

const absent: MergedNode = { type: 'absent' }
const unknown: MergedNode = { type: 'unknown' }

/** Layers, one upon the other, seen as one tree. */
export class MergedView {
  readonly root: MergedDirectory
  /** By their number in the image; undefined for those that were not looked at. */
  readonly #roots: readonly (LayerDirectory | undefined)[]

  /** `top` is the number of layers that count, from the bottom. */
  constructor(roots: readonly (LayerDirectory | undefined)[], top: number = roots.length) {
    this.#roots = roots
    const seen: LayerDirectory[] = []
    let layer = top - 1
    for (; layer >= 0 && roots[layer]; layer--) {
      seen.push(roots[layer]!)
      if (roots[layer]!.hides !== 'nothing') break
    }
    const hidden = seen.at(-1)?.hides ?? 'nothing'
    this.root = { type: 'directory', path: '', parts: seen, isOpen: layer >= 0 && hidden === 'nothing' }
  }

  /** What `name` is in a directory. @throws ERR_ARCHIVE_UNSAFE_PATH when a layer has something in what is a symbolic link further down. */
  child(directory: MergedDirectory, name: string): MergedNode {
    const path = joinPath(directory.path, name)
    const parts: LayerDirectory[] = []
    let isHidden = false
    for (const part of directory.parts) {
      const node = part.children.get(name)
      if (node === undefined) continue
      if (node.type !== 'directory') {
        if (parts.length === 0) return leaf(path, node)
        this.#refuseThrough(path, parts.at(-1)!, node)
        return { type: 'directory', path, parts, isOpen: false }
      }
      if (!isHidden) parts.push(node)
      isHidden ||= node.hides !== 'nothing'
      // What lies below is looked at all the same where a layer expected a directory.
      if (isHidden && !node.isImplied) break
    }
    if (parts.length > 0) return { type: 'directory', path, parts, isOpen: directory.isOpen && !isHidden }
    return directory.isOpen ? unknown : absent
  }

  /** Names in a directory, sorted, hidden ones among them. */
  names(directory: MergedDirectory): string[] {
    const [first, ...others] = directory.parts
    const names = new Set(first?.children.keys())
    for (const part of others) for (const name of part.children.keys()) names.add(name)
    return [...names].toSorted()
  }

  /** The entry that a directory has its attributes from, and its layer; undefined when no layer has one. What hides the content of one keeps them. */
  attributes(directory: MergedDirectory): { readonly entry: TarEntry; readonly layer: number } | undefined {
    for (let layer = directory.parts[0]?.layer ?? -1; layer >= 0; layer--) {
      const found = this.#partOf(layer, directory.path)
      if (found.part?.entry) return { entry: found.part.entry, layer }
      if (found.isHidden) return undefined
    }
    return undefined
  }

  /** The file behind hard links to the layers below. @throws ERR_ARCHIVE_LINK_TARGET. @returns undefined when more layers have to be looked at. */
  resolve(file: LayerFile): LayerFile | undefined {
    let found = file
    while (found.below !== undefined) {
      const view = new MergedView(this.#roots, found.layer)
      const node = view.find(found.below, false)
      if (node.type === 'unknown') return undefined
      if (node.type !== 'file') throw missingTarget(found.entry!, found.below)
      found = node.file
    }
    return found
  }

  /**
   * Goes down a path (as written, each byte one character) with the image's root as root. With `follow`, symbolic links are followed, the last one
   * too; without, none may lie on the way.
   *
   * @returns `loop` after too many links.
   */
  find(path: string, follow: true): MergedNode | 'loop'
  find(path: string, follow: false): MergedNode
  find(path: string, follow: boolean): MergedNode | 'loop' {
    const way: MergedDirectory[] = [this.root]
    const left = path.split('/').toReversed()
    let links = 0
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      if (name === '' || name === '.') continue
      if (name === '..') {
        if (way.length > 1) way.pop()
        continue
      }
      const node = this.child(way.at(-1)!, name)
      if (node.type === 'directory') way.push(node)
      else if (node.type === 'file') {
        const target = follow ? this.#linkOf(node.file) : undefined
        if (target === 'unknown') return unknown
        if (target === undefined) return left.every((rest) => rest === '' || rest === '.') ? node : absent
        if (++links > maxLinks) return 'loop'
        if (target.startsWith('/')) way.length = 1
        left.push(...target.split('/').toReversed())
      } else return node
    }
    return way.at(-1)!
  }

  #linkOf(file: LayerFile): string | undefined {
    const found = this.resolve(file)
    if (!found) return 'unknown'
    return found.entry?.type === 'symlink' ? Buffer.from(found.entry.linkName).toString('latin1') : undefined
  }

  /** What one layer has of a directory, and whether it hides what the layers below have in its place. */
  #partOf(layer: number, path: string): { readonly part?: LayerDirectory; readonly isHidden: boolean } {
    let part = this.#roots[layer]
    if (!part || path === '') return { ...(part && { part }), isHidden: false }
    let isHidden = false
    for (const name of path.split('/')) {
      isHidden ||= part.hides !== 'nothing'
      const node: LayerNode | undefined = part.children.get(name)
      if (node?.type !== 'directory') return { isHidden: isHidden || node !== undefined }
      part = node
    }
    return { part, isHidden: isHidden || part.hides === 'all' }
  }

  /** A directory may take the place of a symbolic link, but not be expected where one is. */
  #refuseThrough(path: string, above: LayerDirectory, below: LayerNode): void {
    if (!above.isImplied || below.type !== 'file' || this.resolve(below)?.entry?.type !== 'symlink') return
    throw symlinkedParent({ name: fromLatin1(`${path}/…`) }, fromLatin1(path))
  }
}

function leaf(path: string, node: LayerNode): MergedNode {
  return node.type === 'file' ? { type: 'file', path, file: node } : absent
}
