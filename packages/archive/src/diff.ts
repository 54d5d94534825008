import type { SpecialFiles } from '@podwright/contracts'
import { compareTrees, type Comparison, type TreeDifference } from './internal/diff/compare-trees.ts'
import type { EntryReader, TreeEntry } from './internal/pack/entry-reader.ts'
import type { ReadTreeOptions } from './internal/pack/options.ts'
import { packTreeEntries } from './internal/pack/pack-entries.ts'
import { checkName, whiteoutEntry } from './internal/pack/tree-entries.ts'
import { openTree, packTree } from './pack.ts'

/** Options of `diffTrees`. */
export interface DiffTreesOptions extends ReadTreeOptions {
  /**
   * What makes two files differ, besides their type, mode, owner, attributes, target and device number.
   * - `metadata`: size and modification time, in nanoseconds.
   * - `metadata-and-contents`: and the bytes of files that agree in them, where times can't be trusted.
   * - `contents`: size and bytes; times don't count.
   *
   * @default 'metadata'
   */
  readonly compare?: Comparison | undefined
}

/** Options of `diffUpper`. */
export interface DiffUpperOptions extends Omit<ReadTreeOptions, 'special'> {
  /** Reads extended attributes, those of overlayfs among them. */
  readonly special: SpecialFiles
}

/**
 * Packs what makes the tree `lower` the tree `upper` as an uncompressed layer: files that were added or changed, with the directories that they
 * are in, whiteouts for what is gone, and opaque markers where a directory took the place of something else. When one of several names of a file
 * changed or is new, all of them are packed, since a layer can't link to a file of another. Equal trees give equal bytes, an empty layer when
 * there is no difference.
 *
 * @throws ERR_ARCHIVE_READ, ERR_ARCHIVE_ENTRY, and `signal.reason`.
 */
export async function* diffTrees(
  lower: string | Uint8Array,
  upper: string | Uint8Array,
  options: DiffTreesOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const trees = { lower: openTree(lower, options), upper: openTree(upper, options) }
  const differences = compareTrees(trees, options.compare ?? 'metadata', options.special !== undefined)
  yield* packTreeEntries(trees.upper, differenceEntries(trees.upper, differences, options.includeRoot !== false), options)
}

/**
 * Packs the upper directory of an overlay as an uncompressed layer, without a look at the layers below: what a commit does. Character devices 0/0
 * and opaque directories become whiteouts, and overlayfs's own attributes are left out. A file or directory that stands for another of the layers
 * below (`redirect`, `metacopy`) is refused.
 *
 * @throws ERR_ARCHIVE_READ, ERR_ARCHIVE_ENTRY, ERR_ARCHIVE_OVERLAY, ERR_ARCHIVE_SPECIAL_FILES, and `signal.reason`.
 */
export async function* diffUpper(upper: string | Uint8Array, options: DiffUpperOptions): AsyncGenerator<Uint8Array, void, undefined> {
  yield* packTree(upper, { ...options, whiteouts: 'overlay' })
}

function* differenceEntries(
  reader: EntryReader,
  differences: Iterable<TreeDifference | undefined>,
  includeRoot: boolean,
): Generator<TreeEntry | undefined, void, undefined> {
  for (const difference of differences) {
    if (!difference) yield undefined
    else if (difference.path === '' && !includeRoot) continue
    else yield* entriesOf(reader, difference)
  }
}

function* entriesOf(reader: EntryReader, { kind, path, stats, xattrs, replaces }: TreeDifference): Generator<TreeEntry, void, undefined> {
  checkName(reader, path)
  if (kind === 'D') return yield whiteoutEntry(reader, { type: 'whiteout', path })
  const entry = reader.entry(path, stats, xattrs)
  if (entry) yield entry
  if (replaces && stats.isDirectory()) yield whiteoutEntry(reader, { type: 'opaque', path })
}
