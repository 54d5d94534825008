import { ArchiveError } from './errors.ts'
import { latin1, quoteBytes } from './internal/bytes.ts'
import { EntryReader } from './internal/pack/entry-reader.ts'
import type { ReadTreeOptions } from './internal/pack/options.ts'
import { packTreeEntries } from './internal/pack/pack-entries.ts'
import { treeEntries } from './internal/pack/tree-entries.ts'

export type { ReadTreeOptions } from './internal/pack/options.ts'

/** Options of `packTree`. */
export interface PackTreeOptions extends ReadTreeOptions {
  /**
   * What becomes of overlayfs's marks. `overlay`: character devices 0/0 and opaque directories become `.wh.` names, for the upper directory
   * of an overlay; `keep`: devices are packed as they are. The attributes of overlay file systems are never packed.
   *
   * @default 'keep'
   */
  readonly whiteouts?: 'overlay' | 'keep' | undefined
}

/**
 * Packs a tree as an uncompressed layer. Each directory comes before what is in it, whiteouts first, then entries sorted by name, byte by byte;
 * neither access times nor names of owners are written: equal trees give equal bytes. Files with several names are packed once, the others
 * become hard links. Sockets are left out. Holes of sparse files are written as zeros. Of a file that grows meanwhile, the size at the start is
 * taken.
 *
 * @throws ERR_ARCHIVE_READ, ERR_ARCHIVE_ENTRY, ERR_ARCHIVE_OVERLAY, ERR_ARCHIVE_SPECIAL_FILES, and `signal.reason`.
 */
export async function* packTree(
  directory: string | Uint8Array,
  options: PackTreeOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const isOverlay = options.whiteouts === 'overlay'
  const reader = openTree(directory, options)
  if (isOverlay) requireSpecial(reader, options)
  yield* packTreeEntries(reader, treeEntries(reader, { isOverlay, includeRoot: options.includeRoot !== false }), options)
}

/** A tree to be read. */
export function openTree(directory: string | Uint8Array, options: ReadTreeOptions): EntryReader {
  return new EntryReader(latin1(typeof directory === 'string' ? Buffer.from(directory) : directory), options)
}

/** @throws ERR_ARCHIVE_SPECIAL_FILES */
export function requireSpecial(reader: EntryReader, options: ReadTreeOptions): void {
  if (options.special) return
  throw new ArchiveError(
    'ERR_ARCHIVE_SPECIAL_FILES',
    `pack ${quoteBytes(reader.absolute(''))}: opaque directories can't be told without the \`special\` component`,
    { hint: 'Hand in `createSpecialFiles()` of @podwright/linux.' },
  )
}
