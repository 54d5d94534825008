import type { BigIntStats } from 'node:fs'
import { inodeKey } from '../pack/entry-reader.ts'

/** Names of one file of the upper tree. */
interface Group {
  /** Names that were passed over as unchanged. */
  unchanged: string[]
  isPacked: boolean
}

/**
 * Knows which names belong to one file. A layer can't link to a file of another layer: as soon as one name of a file is packed, all of them must
 * be. And names that were one file and no longer are, or the other way round, differ although the files look the same.
 */
export class LinkGroups {
  readonly #groups = new Map<string, Group>()
  readonly #upperOfLower = new Map<string, string>()
  readonly #lowerOfUpper = new Map<string, string>()

  /** Whether the name `path` of a file is to be packed, given whether the file itself differs. */
  isDifferent(path: string, lower: BigIntStats | undefined, upper: BigIntStats, differs: boolean): boolean {
    const upperKey = inodeKey(upper)
    const isPacked = differs || (lower !== undefined && !this.#isSameFile(lower, upper))
    if (upper.nlink < 2n) return isPacked
    const group = this.#groups.get(upperKey) ?? { unchanged: [], isPacked: false }
    this.#groups.set(upperKey, group)
    group.isPacked ||= isPacked
    if (!group.isPacked) group.unchanged.push(path)
    return group.isPacked
  }

  /** Names that were passed over before another name of their file turned out to be packed, sorted. */
  left(): string[] {
    return [...this.#groups.values()].flatMap(({ unchanged, isPacked }) => (isPacked ? unchanged : [])).toSorted()
  }

  /** Whether all names so far that were one file of the lower tree are one of the upper tree, and the other way round. */
  #isSameFile(lower: BigIntStats, upper: BigIntStats): boolean {
    if (lower.nlink < 2n && upper.nlink < 2n) return true
    const [lowerKey, upperKey] = [inodeKey(lower), inodeKey(upper)]
    const expectedUpper = this.#upperOfLower.get(lowerKey) ?? upperKey
    const expectedLower = this.#lowerOfUpper.get(upperKey) ?? lowerKey
    this.#upperOfLower.set(lowerKey, expectedUpper)
    this.#lowerOfUpper.set(upperKey, expectedLower)
    return expectedUpper === upperKey && expectedLower === lowerKey
  }
}
