import type { AbortOptions } from '@podwright/conventions'
import type { SpecialFiles } from '@podwright/contracts'
import type { SkippedItem } from '../../extract-options.ts'

/** What `packTree`, `diffTrees` and `diffUpper` have in common. */
export interface ReadTreeOptions extends AbortOptions {
  /** Reads extended attributes, ACLs and file capabilities among them. @default none are read */
  readonly special?: SpecialFiles | undefined
  /** Turns the ids on disk into the archive's. @default unchanged */
  readonly mapOwner?: ((uid: number, gid: number) => readonly [uid: number, gid: number]) | undefined
  /** Later modification times become this one, in nanoseconds since the epoch (SOURCE_DATE_EPOCH). @default as on disk */
  readonly latestModified?: bigint | undefined
  /**
   * Whether an entry is looked at; a directory that is not takes what is in it along. `path` is relative to the tree, without slashes at its
   * ends.
   *
   * @default everything
   */
  readonly filter?: ((path: Uint8Array) => boolean) | undefined
  /** What the root is called; all that is in it has its name below that. @default '.', and what is in it has its name alone */
  readonly name?: string | Uint8Array | undefined
  /** Whether the root itself may have an entry (`./`). @default true */
  readonly includeRoot?: boolean | undefined
  /**
   * What becomes of a file that goes or shrinks while it is read: `refuse` is ERR_ARCHIVE_READ; with `take`, one that is gone is left out, one
   * that is shorter is filled up with zeros, and both are reported. For the tree of a container that runs.
   *
   * @default 'refuse'
   */
  readonly changing?: 'refuse' | 'take' | undefined
  /** Pieces are good only until the next one is asked for, and take no memory but that of one. @default false */
  readonly transient?: boolean | undefined
  /** Is told of what is left out: sockets, which a tar has no place for, and, with `changing: 'take'`, what changed. */
  readonly onSkipped?: ((item: SkippedItem) => void) | undefined
}
