import { pull } from '../actions.ts'
import { type BenchCases, engines } from '../bench-case.ts'
import { run } from '../contender.ts'

const listed = 20

/** Everyday commands. */
export const commandCases: BenchCases = ({ image }) => [
  {
    name: 'version',
    title: '--version',
    rounds: 40,
    contenders: [...engines, 'node -e 0'],
    args: (contender) => (contender.name === 'node -e 0' ? [] : ['--version']),
    targets: [{ to: 'node -e 0', ratio: 1.25 }],
  },
  {
    name: 'run',
    title: 'run --rm --network none busybox true',
    rounds: 25,
    needs: ['busybox'],
    prepare: (contender) => pull(contender, image('busybox')),
    args: () => ['run', '--rm', '--network', 'none', image('busybox'), 'true'],
    targets: [{ to: 'podman', ratio: 0.55 }],
  },
  {
    name: 'ps',
    title: `ps -a with ${listed} containers`,
    rounds: 25,
    needs: ['busybox'],
    prepare: (contender) => {
      pull(contender, image('busybox'))
      for (let index = 0; index < listed; index++)
        run(contender, 'create', '--network', 'none', '--name', `listed-${index}`, image('busybox'), 'true')
    },
    args: () => ['ps', '-a'],
    cleanUp: (contender) => {
      run(contender, 'rm', '-f', ...Array.from({ length: listed }, (_, index) => `listed-${index}`))
    },
    targets: [{ to: 'podman', ratio: 1 }],
  },
]
