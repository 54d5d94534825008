import type { AbortOptions } from '@podwright/conventions'
import type { SpecialFiles } from '@podwright/contracts'

/** Options of `packTree`. */
export interface PackTreeOptions extends AbortOptions {
  /** Reads extended attributes. @default none are packed */
  readonly special?: SpecialFiles | undefined
  /**
   * What becomes of overlayfs's marks. `overlay`: character devices 0/0 and opaque directories become `.wh.` names, for the upper directory
   * of an overlay; `keep`: they are packed as they are.
   *
   * @default 'keep'
   */
  readonly whiteouts?: 'overlay' | 'keep' | undefined
  /** Turns the ids on disk into the archive's. @default unchanged */
  readonly mapOwner?: ((uid: number, gid: number) => readonly [uid: number, gid: number]) | undefined
  /** Later modification times become this one, in nanoseconds since the epoch (SOURCE_DATE_EPOCH). @default as on disk */
  readonly latestModified?: bigint | undefined
  /** Whether an entry is packed; a directory that is not takes what is in it along. `path` is relative to the tree. @default everything */
  readonly filter?: ((path: Uint8Array) => boolean) | undefined
  /** Whether the root itself has an entry (`./`). @default true */
  readonly includeRoot?: boolean | undefined
}

export function packTree(_directory: string | Uint8Array, _options: PackTreeOptions = {}): AsyncIterable<Uint8Array> {
  throw new Error('not yet')
}
