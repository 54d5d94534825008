import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { systemCodeOf } from '@podwright/conventions'
import type { SpecialFiles } from '@podwright/contracts'
import { fromLatin1, latin1 } from '../bytes.ts'
import { baseName, joinPath, parentPath } from '../clean-path.ts'
import { isOpaque, isOverlayWhiteout, isWhiteoutFile, mayHaveWhiteoutFiles } from '../overlay-marks.ts'
import type { EntryReader } from '../pack/entry-reader.ts'
import { readFailure } from '../pack/failure.ts'
import { treeItems } from '../pack/tree-entries.ts'

/** One change. Paths are relative, each byte one character. */
export interface UpperChange {
  readonly kind: 'A' | 'C' | 'D'
  readonly path: string
}

/** What the upper directory of an overlay changes of what lies below, whose directories are given with the topmost first. */
export function* compareUpper(
  reader: EntryReader,
  lowers: readonly string[],
  special: SpecialFiles,
): Generator<UpperChange, void, undefined> {
  const below = new LowerTrees(lowers, special)
  for (const item of treeItems(reader, true)) {
    const { path } = item
    if (item.type === 'opaque') yield* hidden(reader, below, path)
    else if (item.type === 'file' && !item.stats.isSocket()) yield { kind: below.has(path) ? 'C' : 'A', path }
    else if (item.type === 'file') reader.skip(path, 'socket', 'no place')
    else if (below.has(path)) yield { kind: 'D', path }
  }
}

/** What the layers below have in an opaque directory is gone, unless the directory has something of that name. */
function* hidden(reader: EntryReader, below: LowerTrees, path: string): Generator<UpperChange, void, undefined> {
  const kept = new Set(reader.items(path).map(({ name }) => latin1(name)))
  for (const name of below.names(path)) {
    const gone = joinPath(path, name)
    if (!kept.has(name) && reader.isWanted(gone)) yield { kind: 'D', path: gone }
  }
}

/** Directories that an overlay puts one upon the other. */
class LowerTrees {
  readonly #special: SpecialFiles
  /** For each directory that was asked for, the directories that it is made of, the topmost first. */
  readonly #known = new Map<string, readonly string[]>()

  constructor(lowers: readonly string[], special: SpecialFiles) {
    this.#special = special
    this.#known.set('', lowers)
  }

  has(path: string): boolean {
    if (path === '') return true
    return this.#find(this.#layersOf(parentPath(path)), baseName(path)).exists
  }

  names(path: string): string[] {
    const layers = this.#layersOf(path)
    const names = new Set(layers.flatMap((directory) => readNames(directory)))
    return [...names].toSorted().filter((name) => this.#find(layers, name).exists)
  }

  #layersOf(path: string): readonly string[] {
    const known = this.#known.get(path)
    if (known) return known
    const parent = parentPath(path)
    const { directories } = this.#find(this.#layersOf(parent), baseName(path))
    this.#known.set(path, directories)
    return directories
  }

  /** What `name` is in a directory made of `layers`: overlayfs goes down until something hides the rest. */
  #find(layers: readonly string[], name: string): { exists: boolean; directories: readonly string[] } {
    const directories: string[] = []
    for (const layer of layers) {
      const path = `${layer}/${name}`
      const stats = lstat(path)
      if (!stats) continue
      if (!stats.isDirectory()) return { exists: directories.length > 0 || !this.#isWhiteout(layer, path, stats), directories }
      directories.push(path)
      if (isOpaque(this.#xattrs(path))) break
    }
    return { exists: directories.length > 0, directories }
  }

  #isWhiteout(layer: string, path: string, stats: BigIntStats): boolean {
    if (isOverlayWhiteout(stats)) return true
    return stats.isFile() && stats.size === 0n && mayHaveWhiteoutFiles(this.#xattrs(layer)) && isWhiteoutFile(this.#xattrs(path))
  }

  #xattrs(path: string): { name: Uint8Array; value: Uint8Array }[] {
    const bytes = fromLatin1(path)
    return readFailure(bytes, () =>
      this.#special.listXattrs(bytes).map((name) => ({ name, value: this.#special.getXattr(bytes, name) ?? new Uint8Array(0) })),
    )
  }
}

function lstat(path: string): BigIntStats | undefined {
  const bytes = fromLatin1(path)
  return readFailure(bytes, () => {
    try {
      return lstatSync(bytes, { bigint: true, throwIfNoEntry: false })
    } catch (error) {
      if (systemCodeOf(error) === 'ENOTDIR') return undefined
      throw error
    }
  })
}

function readNames(directory: string): string[] {
  const bytes = fromLatin1(directory)
  return readFailure(bytes, () => readdirSync(bytes, { encoding: 'buffer' }).map(latin1))
}
