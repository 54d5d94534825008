import { pull, pushArgs, removeImage } from '../actions.ts'
import type { BenchCases } from '../bench-case.ts'
import { type Contender, run } from '../contender.ts'

const targets = [
  { to: 'podman', ratio: 0.7 },
  { to: 'docker', ratio: 0.7 },
]

/**
 * Pushes. An empty registry is one that was just started, on another port: a new repository of the old one would let those who know where a blob is
 * have it mounted from there.
 */
export const pushCases: BenchCases = ({ image, freshRegistry, registryOf }) => {
  const pushed = (contender: Contender): string => `${registryOf(contender)}/debian:1`
  const begin = async (contender: Contender): Promise<void> => {
    removeImage(contender, pushed(contender))
    await freshRegistry(contender)
    run(contender, 'tag', image('debian'), pushed(contender))
  }
  const prepare = async (contender: Contender): Promise<void> => {
    await freshRegistry(contender)
    pull(contender, image('debian'))
  }
  const cleanUp = (contender: Contender): void => {
    removeImage(contender, pushed(contender))
    removeImage(contender, image('debian'))
  }
  return [
    {
      name: 'push-empty',
      title: 'push of Debian, to an empty registry',
      rounds: 4,
      needs: ['debian'],
      memory: true,
      writes: true,
      prepare,
      reset: begin,
      args: (contender) => pushArgs(contender, pushed(contender)),
      cleanUp,
      targets,
    },
    {
      name: 'push-full',
      title: 'push of Debian, to a registry that has it',
      rounds: 9,
      needs: ['debian'],
      memory: true,
      prepare: async (contender) => {
        await prepare(contender)
        await begin(contender)
        run(contender, ...pushArgs(contender, pushed(contender)))
      },
      args: (contender) => pushArgs(contender, pushed(contender)),
      cleanUp,
      targets,
    },
  ]
}
