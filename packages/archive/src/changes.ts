import type { SpecialFiles } from '@podwright/contracts'
import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { fromLatin1, latin1 } from './internal/bytes.ts'
import { compareTrees, type Comparison } from './internal/diff/compare-trees.ts'
import { compareUpper } from './internal/diff/compare-upper.ts'
import type { ReadTreeOptions } from './internal/pack/options.ts'
import { openTree, requireSpecial } from './pack.ts'

/** How one tree differs from another in one place, as `docker diff` tells it. */
export interface TreeChange {
  /** `A`: added; `C`: changed, or a directory with changes in it; `D`: deleted, with all that was in it. */
  readonly kind: 'A' | 'C' | 'D'
  /** Relative to the root, without a slash at either end. */
  readonly path: Uint8Array
}

/** Options of `treeChanges`. */
export interface TreeChangesOptions extends Omit<ReadTreeOptions, 'mapOwner' | 'latestModified' | 'includeRoot'> {
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

/** Options of `upperChanges`. */
export interface UpperChangesOptions extends Omit<ReadTreeOptions, 'mapOwner' | 'latestModified' | 'includeRoot' | 'special'> {
  /** Reads the attributes of overlayfs. */
  readonly special: SpecialFiles
}

/**
 * What there is to do to the tree `lower` so that it becomes `upper`: sorted by path but for names of files that got other hard links, which come
 * last; a directory before what is in it, and what is deleted before what is there. Of a deleted or added directory each file that was added is
 * told, and of what was deleted the topmost name alone. The root is left out.
 *
 * @throws ERR_ARCHIVE_READ and `signal.reason`.
 */
export async function* treeChanges(
  lower: string | Uint8Array,
  upper: string | Uint8Array,
  options: TreeChangesOptions = {},
): AsyncGenerator<TreeChange, void, undefined> {
  const trees = { lower: openTree(lower, options), upper: openTree(upper, options) }
  yield* publicChanges(compareTrees(trees, options.compare ?? 'metadata', options.special !== undefined), options)
}

/**
 * The same for an upper directory of overlayfs and the directories below it, the topmost first. Of those only the names that the upper one has are
 * looked at. What was copied up counts as changed.
 *
 * @throws ERR_ARCHIVE_READ, ERR_ARCHIVE_OVERLAY, ERR_ARCHIVE_ENTRY, ERR_ARCHIVE_SPECIAL_FILES and `signal.reason`.
 */
export async function* upperChanges(
  upper: string | Uint8Array,
  lowers: readonly (string | Uint8Array)[],
  options: UpperChangesOptions,
): AsyncGenerator<TreeChange, void, undefined> {
  const reader = openTree(upper, options)
  requireSpecial(reader, options)
  const below = lowers.map((lower) => latin1(typeof lower === 'string' ? Buffer.from(lower) : lower))
  yield* publicChanges(compareUpper(reader, below, options.special), options)
}

async function* publicChanges(
  changes: Iterable<{ readonly kind: TreeChange['kind']; readonly path: string } | undefined>,
  { signal }: ReadTreeOptions,
): AsyncGenerator<TreeChange, void, undefined> {
  for (const change of changes) {
    if (!change) await yieldToEvents()
    signal?.throwIfAborted()
    if (change && change.path !== '') yield { kind: change.kind, path: fromLatin1(change.path) }
  }
}
