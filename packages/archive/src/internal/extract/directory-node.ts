import type { BigIntStats } from 'node:fs'
import type { TarEntry } from '../../entry.ts'
import type { DirectoryAttributes } from './attributes.ts'
import { ownerOf, type Settings } from './settings.ts'

/** A real directory of the tree, seen or made by this extraction. It is forgotten as soon as something else takes its place. */
export class DirectoryNode {
  /** Below the root, each byte one character; empty for the root. */
  readonly path: string
  readonly parent: DirectoryNode | undefined
  /** Whether this extraction made it. */
  readonly isNew: boolean
  /** When it was changed last, before this extraction. */
  readonly modifiedBefore: bigint | undefined
  /** Whether what is made in it may get another group than ours: it is setgid, or its group is one that BSD semantics would pass on. */
  readonly #passesGroup: boolean
  /** Directories in it that are known. */
  children: Map<string, DirectoryNode> | undefined
  /** Names of other things in it that this layer brought; kept only where whiteouts have to tell. */
  brought: Set<string> | undefined
  /** Whether this layer has it, or something in it. */
  isBrought = false
  attributes: DirectoryAttributes | undefined
  isOpaque = false

  constructor(path: string, parent: DirectoryNode | undefined, existing: BigIntStats | undefined, settings: Settings) {
    this.path = path
    this.parent = parent
    this.isNew = existing === undefined
    this.modifiedBefore = existing?.mtimeNs
    this.#passesGroup = existing
      ? (existing.mode & 0o2000n) !== 0n || Number(existing.gid) !== settings.groupId
      : parent !== undefined && parent.#passesGroup
  }

  /** Whose a new file in here must become; undefined when it already is. */
  neededOwner(settings: Settings, entry: TarEntry): readonly [uid: number, gid: number] | undefined {
    const owner = ownerOf(settings, entry)
    if (!owner || this.#passesGroup) return owner
    return owner[0] === settings.userId && owner[1] === settings.groupId ? undefined : owner
  }

  /** Marks it, and all around it, as part of this layer. */
  bring(): void {
    if (this.isBrought) return
    this.isBrought = true
    this.parent?.bring()
  }
}
