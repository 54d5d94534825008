import { pull, pullArgs, removeImage } from '../actions.ts'
import type { BenchCase, BenchCases } from '../bench-case.ts'
import type { ImageName } from '../images/recipes.ts'
import type { Workshop } from '../workshop.ts'

/** Pulls of all shapes. */
export const pullCases: BenchCases = (workshop) => [
  pullCase(workshop, 'pull', 'debian', 'Debian in one layer (170 MB)', { rounds: 3, deletes: true }),
  pullCase(workshop, 'pull-layers', 'layers', '12 small layers', { rounds: 7 }),
  pullCase(workshop, 'pull-big', 'big', 'one layer of 1 GB, 8 files', { rounds: 3, warmUps: 0 }),
  pullCase(workshop, 'pull-many', 'many', 'one layer of 50,000 small files', { rounds: 3, warmUps: 0, deletes: true }),
  {
    name: 'pull-present',
    title: 'pull of what is all there (12 layers)',
    rounds: 15,
    needs: ['layers'],
    memory: true,
    prepare: (contender) => pull(contender, workshop.image('layers')),
    args: (contender) => pullArgs(contender, workshop.image('layers')),
    cleanUp: (contender) => removeImage(contender, workshop.image('layers')),
    targets: [{ to: 'podman', ratio: 0.8 }],
  },
]

function pullCase(
  { image }: Workshop,
  name: string,
  needed: ImageName,
  what: string,
  rounds: Pick<BenchCase, 'rounds' | 'warmUps' | 'deletes'>,
): BenchCase {
  return {
    name,
    title: `pull: ${what}`,
    ...rounds,
    needs: [needed],
    memory: true,
    writes: true,
    reset: (contender) => removeImage(contender, image(needed)),
    args: (contender) => pullArgs(contender, image(needed)),
    cleanUp: (contender) => removeImage(contender, image(needed)),
    targets: [
      { to: 'podman', ratio: 0.4 },
      { to: 'docker', ratio: 0.3 },
    ],
  }
}
