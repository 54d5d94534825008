import type { AbortOptions } from '@podwright/conventions'
import type { SpecialFiles } from '@podwright/contracts'
import { latin1 } from './internal/bytes.ts'
import { FileContent } from './internal/pack/file-content.ts'
import { treeEntries } from './internal/pack/tree-entries.ts'
import { paddingOf } from './internal/encode-header.ts'
import { PieceBuffer } from './internal/piece-buffer.ts'
import { encodeEntry } from './writer.ts'

/** Options of `packTree`. */
export interface PackTreeOptions extends AbortOptions {
  /** Reads extended attributes. @default none are packed */
  readonly special?: SpecialFiles | undefined
  /**
   * What becomes of overlayfs's marks. `overlay`: character devices 0/0 and opaque directories become `.wh.` names, for the upper directory
   * of an overlay; `keep`: devices are packed as they are. The attributes of overlay file systems are never packed.
   *
   * @default 'keep'
   */
  readonly whiteouts?: 'overlay' | 'keep' | undefined
  /** Turns the ids on disk into the archive's. @default unchanged */
  readonly mapOwner?: ((uid: number, gid: number) => readonly [uid: number, gid: number]) | undefined
  /** Later modification times become this one, in nanoseconds since the epoch (SOURCE_DATE_EPOCH). @default as on disk */
  readonly latestModified?: bigint | undefined
  /**
   * Whether an entry is packed; a directory that is not takes what is in it along. `path` is relative to the tree, without slashes at its
   * ends.
   *
   * @default everything
   */
  readonly filter?: ((path: Uint8Array) => boolean) | undefined
  /** Whether the root itself has an entry (`./`). @default true */
  readonly includeRoot?: boolean | undefined
}

const zeroBlocks = new Uint8Array(1024)

/**
 * Packs a tree as an uncompressed layer. Entries are sorted by name, byte by byte, each directory before what is in it; neither access times
 * nor names of owners are written: equal trees give equal bytes. Files with several names are packed once, the others become hard links.
 * Sockets are left out. A file that shrinks meanwhile is an error; of one that grows, the size at the start is taken.
 *
 * @throws ERR_ARCHIVE_READ, ERR_ARCHIVE_ENTRY, ERR_ARCHIVE_SPECIAL_FILES, and `signal.reason`.
 */
export async function* packTree(
  directory: string | Uint8Array,
  options: PackTreeOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const root = latin1(typeof directory === 'string' ? Buffer.from(directory) : directory)
  const pieces = new PieceBuffer()
  for (const { init, path, sizeBytes } of treeEntries(root, options)) {
    options.signal?.throwIfAborted()
    yield* pieces.add(encodeEntry(init, sizeBytes))
    if (sizeBytes === 0) continue
    const content = new FileContent(path, sizeBytes)
    try {
      while (content.remainingBytes > 0) {
        options.signal?.throwIfAborted()
        yield* pieces.fill((space) => content.read(space))
      }
    } finally {
      content.close()
    }
    yield* pieces.add(zeroBlocks.subarray(0, paddingOf(sizeBytes)))
  }
  yield* pieces.add(zeroBlocks)
  yield* pieces.flush()
}
