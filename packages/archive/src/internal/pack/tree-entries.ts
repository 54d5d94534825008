import type { BigIntStats, Dirent } from 'node:fs'
import { ArchiveError } from '../../errors.ts'
import type { TarXattr } from '../../entry.ts'
import { fromLatin1, latin1, quoteBytes } from '../bytes.ts'
import { joinPath } from '../clean-path.ts'
import { isOpaque, isOverlayWhiteout, isWhiteoutFile, mayHaveWhiteoutFiles, referenceBelow } from '../overlay-marks.ts'
import type { EntryReader, TreeEntry } from './entry-reader.ts'

/** The tree of `reader`, each directory before what is in it, the items of a directory sorted. Marks of overlayfs are taken for what they are. */
export function* treeEntries(
  reader: EntryReader,
  options: { readonly isOverlay: boolean; readonly includeRoot: boolean },
): Generator<TreeEntry, void, undefined> {
  for (const item of treeItems(reader, options.isOverlay)) {
    if (item.type === 'whiteout' || item.type === 'opaque') yield whiteoutEntry(reader, item)
    else if (item.path !== '' || options.includeRoot) {
      const entry = reader.entry(item.path, item.stats, item.xattrs)
      if (entry) yield entry
    }
  }
}

/** Something in a tree: a file of any kind, or a mark of overlayfs. */
export type TreeItem =
  | { readonly type: 'file'; readonly path: string; readonly stats: BigIntStats; readonly xattrs: readonly TarXattr[] }
  /** What the layers below have at `path` is gone. */
  | { readonly type: 'whiteout'; readonly path: string }
  /** What the layers below have in the directory `path` is gone. Comes after the directory itself. */
  | { readonly type: 'opaque'; readonly path: string }

/** Everything in a tree, whiteouts of a directory before its files. Not recursive: trees may be deep. */
export function* treeItems(reader: EntryReader, isOverlay: boolean): Generator<TreeItem, void, undefined> {
  const pending: string[] = ['']
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const stats = reader.stats(path)
    if (!stats) continue
    const xattrs = reader.xattrs(path)
    if (isOverlay) checkOverlay(reader, path, xattrs)
    yield { type: 'file', path, stats, xattrs }
    if (!stats.isDirectory()) continue
    const items = reader.items(path).filter(({ name }) => reader.isWanted(joinPath(path, latin1(name))))
    const names = isOverlay ? yield* overlayMarks(reader, path, xattrs, items) : items.map(({ name }) => latin1(name))
    pending.push(...names.map((name) => joinPath(path, name)).toReversed())
  }
}

/** Yields a directory's marks. @returns the names of the other items. */
function* overlayMarks(
  reader: EntryReader,
  path: string,
  xattrs: readonly TarXattr[],
  items: readonly Dirent<Buffer>[],
): Generator<TreeItem, string[], undefined> {
  if (isOpaque(xattrs)) yield { type: 'opaque', path }
  const names: string[] = []
  const mayBeFiles = mayHaveWhiteoutFiles(xattrs)
  for (const item of items) {
    const name = latin1(item.name)
    if (isMark(reader, joinPath(path, name), item, mayBeFiles)) yield { type: 'whiteout', path: joinPath(path, name) }
    else names.push(name)
  }
  return names
}

function isMark(reader: EntryReader, path: string, item: Dirent<Buffer>, mayBeFile: boolean): boolean {
  // File systems that don't tell the types of their items: all but whiteouts are told apart below.
  const isOfUnknownType = !item.isFile() && !item.isDirectory() && !item.isSymbolicLink()
  if (isOfUnknownType) {
    const stats = reader.stats(path)
    return stats !== undefined && isOverlayWhiteout(stats)
  }
  return mayBeFile && item.isFile() && isWhiteoutFile(reader.xattrs(path))
}

function checkOverlay(reader: EntryReader, path: string, xattrs: readonly TarXattr[]): void {
  checkName(reader, path)
  const reference = referenceBelow(xattrs)
  if (reference === undefined) return
  throw new ArchiveError(
    'ERR_ARCHIVE_OVERLAY',
    `pack ${quoteBytes(reader.absolute(path))}: its attribute ${reference} refers to a layer below, without which it can't be packed`,
    { hint: 'Mount overlayfs with redirect_dir=off and metacopy=off, or take the difference of the mounted tree and the one below.' },
  )
}

/** @throws ERR_ARCHIVE_ENTRY for a name that would mean something else in a layer. */
export function checkName(reader: EntryReader, path: string): void {
  if (!path.startsWith('.wh.', path.lastIndexOf('/') + 1)) return
  throw new ArchiveError(
    'ERR_ARCHIVE_ENTRY',
    `pack ${quoteBytes(reader.absolute(path))}: a layer can't hold a file of this name: it means a whiteout`,
  )
}

/** The entry by which a layer says that something is gone. */
export function whiteoutEntry(reader: EntryReader, { type, path }: { type: 'whiteout' | 'opaque'; path: string }): TreeEntry {
  const slash = path.lastIndexOf('/') + 1
  const name = type === 'opaque' ? joinPath(path, '.wh..wh..opq') : `${path.slice(0, slash)}.wh.${path.slice(slash)}`
  return { init: { name: fromLatin1(name), mode: 0o600 }, path: reader.absolute(path), sizeBytes: 0 }
}
