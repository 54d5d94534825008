import type { BigIntStats } from 'node:fs'
import type { TarXattr } from '../../entry.ts'
import { latin1 } from '../bytes.ts'
import { joinPath } from '../clean-path.ts'
import type { EntryReader } from '../pack/entry-reader.ts'
import { type Comparison, differ, type Version } from './differ.ts'
import { LinkGroups } from './link-groups.ts'

export type { Comparison } from './differ.ts'

/** One place where two trees differ. Paths are relative, each byte one character. */
export type TreeDifference =
  | { readonly kind: 'D'; readonly path: string; readonly stats?: never; readonly xattrs?: never; readonly replaces?: never }
  | {
      readonly kind: 'A' | 'C'
      readonly path: string
      readonly stats: BigIntStats
      readonly xattrs: readonly TarXattr[]
      /** Whether the lower tree has something of another type in its place. */
      readonly replaces: boolean
    }

/** Two trees. */
export interface TreePair {
  readonly lower: EntryReader
  readonly upper: EntryReader
}

/** After so many files without a difference, others get their turn. */
const looksATurn = 500

/** What makes `lower` the tree `upper`. An `undefined` says that a while went by without a difference. */
export function* compareTrees(
  trees: TreePair,
  comparison: Comparison,
  hasXattrs: boolean,
): Generator<TreeDifference | undefined, void, undefined> {
  yield* new TreeComparison(trees, comparison, hasXattrs).run()
}

/** A directory that is being gone through. */
interface Frame {
  readonly path: string
  /** As it will be told when something in it differs; undefined once it was told. */
  untold: TreeDifference | undefined
  readonly names: readonly string[]
  next: number
  readonly lowerNames: ReadonlySet<string>
}

const noNames: ReadonlySet<string> = new Set()

class TreeComparison {
  readonly #trees: TreePair
  readonly #comparison: Comparison
  readonly #hasXattrs: boolean
  readonly #stack: Frame[] = []
  readonly #links = new LinkGroups()
  /** Directories that were told of, for files that have to be told of later. */
  readonly #told = new Set<string>()
  #looks = 0

  constructor(trees: TreePair, comparison: Comparison, hasXattrs: boolean) {
    this.#trees = trees
    this.#comparison = comparison
    this.#hasXattrs = hasXattrs
  }

  *run(): Generator<TreeDifference | undefined, void, undefined> {
    const upper = this.#version('upper', '')
    const lower = this.#version('lower', '')
    if (!upper) return
    yield* this.#look('', lower, upper)
    for (let frame = this.#stack.at(-1); frame; frame = this.#stack.at(-1)) {
      const name = frame.names[frame.next++]
      if (name === undefined) this.#stack.pop()
      else yield* this.#item(frame, name)
      if (++this.#looks % looksATurn === 0) yield undefined
    }
    for (const path of this.#links.left()) yield* this.#tellLate(path)
  }

  *#item(frame: Frame, name: string): Generator<TreeDifference, void, undefined> {
    const path = joinPath(frame.path, name)
    const upper = this.#version('upper', path)
    const lower = frame.lowerNames.has(name) ? this.#version('lower', path) : undefined
    // A tar has no place for sockets: here there is nothing, as far as layers go.
    if (upper && !upper.stats.isSocket()) yield* this.#look(path, lower, upper)
    else {
      if (upper) this.#trees.upper.skip(path, 'socket', 'no place')
      if (lower && !lower.stats.isSocket()) yield* this.#tell({ kind: 'D', path })
    }
  }

  *#look(path: string, lower: Version | undefined, upper: Version): Generator<TreeDifference, void, undefined> {
    const isDirectory = upper.stats.isDirectory()
    const replaces = lower !== undefined && lower.stats.isDirectory() !== isDirectory
    const difference = { path, stats: upper.stats, xattrs: upper.xattrs(), replaces }
    const isChanged = lower !== undefined && differ(lower, upper, this.#comparison)
    const isNew = lower === undefined || lower.stats.isSocket()
    const told: TreeDifference = { kind: isNew ? 'A' : 'C', ...difference }
    const mustTell = isDirectory ? isNew || isChanged : this.#links.isDifferent(path, lower?.stats, upper.stats, isNew || isChanged)
    if (mustTell) yield* this.#tell(told)
    if (isDirectory) yield* this.#enter(path, lower, mustTell ? undefined : told)
  }

  *#enter(path: string, lower: Version | undefined, untold: TreeDifference | undefined): Generator<TreeDifference, void, undefined> {
    const names = this.#names('upper', path)
    const lowerNames = lower?.stats.isDirectory() ? this.#names('lower', path) : []
    this.#stack.push({ path, untold, names, next: 0, lowerNames: lowerNames.length > 0 ? new Set(lowerNames) : noNames })
    const kept = new Set(names)
    for (const name of lowerNames) {
      const gone = joinPath(path, name)
      if (!kept.has(name) && this.#version('lower', gone)?.stats.isSocket() === false) yield* this.#tell({ kind: 'D', path: gone })
    }
  }

  /** Tells of a difference, and first of the directories that it is in. */
  *#tell(difference: TreeDifference): Generator<TreeDifference, void, undefined> {
    for (const frame of this.#stack) {
      const { untold } = frame
      if (!untold) continue
      frame.untold = undefined
      this.#told.add(frame.path)
      yield untold
    }
    if (difference.stats?.isDirectory()) this.#told.add(difference.path)
    yield difference
  }

  /** A name that was passed over as unchanged, and now belongs to a file that is packed. */
  *#tellLate(path: string): Generator<TreeDifference, void, undefined> {
    for (const ancestor of ['', ...ancestorsOf(path)]) {
      if (this.#told.has(ancestor)) continue
      this.#told.add(ancestor)
      yield* this.#unchanged(ancestor)
    }
    yield* this.#unchanged(path)
  }

  *#unchanged(path: string): Generator<TreeDifference, void, undefined> {
    const version = this.#version('upper', path)
    if (version) yield { kind: 'C', path, stats: version.stats, xattrs: version.xattrs(), replaces: false }
  }

  #names(side: 'lower' | 'upper', path: string): string[] {
    const reader = this.#trees[side]
    const names = reader.items(path).map(({ name }) => latin1(name))
    // What is left out is left out of both.
    return names.filter((name) => this.#trees.upper.isWanted(joinPath(path, name)))
  }

  #version(side: 'lower' | 'upper', path: string): Version | undefined {
    const reader = this.#trees[side]
    const stats = reader.stats(path)
    if (!stats) return undefined
    let xattrs: readonly TarXattr[] | undefined
    return {
      stats,
      xattrs: () => (xattrs ??= this.#hasXattrs ? reader.xattrs(path) : []),
      link: () => reader.readLink(path),
      path: reader.absolute(path),
    }
  }
}

/** The directories that a path lies in, without the root, the outermost first. */
function ancestorsOf(path: string): string[] {
  const ancestors: string[] = []
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) ancestors.push(path.slice(0, slash))
  return ancestors
}
