import type { BenchImages } from './images.ts'
import { type Contender, run, time } from './contender.ts'

/** One thing that is timed. */
export interface BenchCase {
  readonly name: string
  readonly title: string
  /** How many rounds, at most: what takes seconds is timed less often. */
  readonly rounds: number
  /** Once, before the rounds. */
  prepare?(contender: Contender): void
  /** Before each run; not timed. */
  reset?(contender: Contender): void
  /** The arguments that are timed. */
  readonly args: (contender: Contender) => readonly string[]
  /** Once, after the rounds. */
  cleanUp?(contender: Contender): void
  readonly target?: BenchTarget
}

/** The largest ratio of podwright's median to another contender's. */
export interface BenchTarget {
  readonly to: string
  readonly ratio: number
}

const listed = 20

/** The cases, in the order in which they run. */
export function benchCases(images: BenchImages): readonly BenchCase[] {
  return [
    {
      name: 'version',
      title: '--version',
      rounds: 40,
      args: (contender) => (contender.name === 'node -e 0' ? [] : ['--version']),
      target: { to: 'node -e 0', ratio: 1.25 },
    },
    {
      name: 'run',
      title: 'run --rm --network none busybox true',
      rounds: 25,
      prepare: (contender) => pull(contender, images.busybox),
      args: () => ['run', '--rm', '--network', 'none', images.busybox, 'true'],
      target: { to: 'podman', ratio: 0.55 },
    },
    {
      name: 'ps',
      title: `ps -a with ${listed} containers`,
      rounds: 25,
      prepare: (contender) => {
        pull(contender, images.busybox)
        for (let index = 0; index < listed; index++)
          run(contender, 'create', '--network', 'none', '--name', `listed-${index}`, images.busybox, 'true')
      },
      args: () => ['ps', '-a'],
      cleanUp: (contender) => {
        run(contender, 'rm', '-f', ...Array.from({ length: listed }, (_, index) => `listed-${index}`))
      },
      target: { to: 'podman', ratio: 1 },
    },
    {
      name: 'pull',
      title: 'pull of a one-layer Debian (170 MB)',
      rounds: 7,
      reset: (contender) => removeImage(contender, images.debian),
      args: (contender) => pullArgs(contender, images.debian),
      cleanUp: (contender) => removeImage(contender, images.debian),
      target: { to: 'podman', ratio: 0.6 },
    },
  ]
}

/** The words that pull an image. */
export function pullArgs(contender: Contender, image: string): string[] {
  return ['pull', '--quiet', ...contender.plainHttp, image]
}

/** Pulls an image. */
export function pull(contender: Contender, image: string): void {
  run(contender, ...pullArgs(contender, image))
}

/** Removes an image, if it is there. */
export function removeImage(contender: Contender, image: string): void {
  time(contender, ['rmi', '-f', image])
}
