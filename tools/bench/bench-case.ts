import type { Contender } from './contender.ts'
import type { ImageName } from './images/recipes.ts'
import type { Workshop } from './workshop.ts'

/** One thing that is timed. */
export interface BenchCase {
  readonly name: string
  readonly title: string
  /** How many rounds, at most: what takes seconds is timed less often. */
  readonly rounds: number
  /** Rounds before them that aren't counted. @default 1 */
  readonly warmUps?: number
  /** Images that the registry has to have. */
  readonly needs?: readonly ImageName[]
  /** Who takes part. @default podwright, podman and docker */
  readonly contenders?: readonly string[]
  /** Whether the peak of memory is looked at, too. @default false */
  readonly memory?: boolean
  /** Whether it writes much: what others have written is then on the disk before, so that nobody waits for it. @default false */
  readonly writes?: boolean
  /**
   * Whether `reset` deletes many files. All contenders are then reset at the beginning of a round, and where the file system makes what follows slow for a while, that is
   * waited for: see stores-file-system.ts. @default false
   */
  readonly deletes?: boolean
  /** Once, before the rounds. */
  prepare?(contender: Contender): Promise<void> | void
  /** Before each run; not timed. */
  reset?(contender: Contender): Promise<void> | void
  /** A shell script that is timed in place of a command; `"$@"` in it is the contender's command. */
  readonly script?: (contender: Contender) => string
  /** The arguments that are timed. */
  readonly args: (contender: Contender) => readonly string[]
  /** Once, after the rounds. */
  cleanUp?(contender: Contender): void
  readonly targets?: readonly BenchTarget[]
}

/** The largest ratio of podwright's median to another contender's. */
export interface BenchTarget {
  readonly to: string
  readonly ratio: number
}

/** Makes cases that work with what the workshop has. */
export type BenchCases = (workshop: Workshop) => readonly BenchCase[]

/** Who takes part in a case that says nothing of it. */
export const engines: readonly string[] = ['podwright', 'podman', 'docker']
