import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pull, pullArgs, pushArgs, removeImage } from './actions.ts'
import { listedImages } from './cases/listing.ts'
import { type Contender, run } from './contender.ts'
import type { ImageName } from './images/recipes.ts'
import type { Workshop } from './workshop.ts'

/** Work of which there can be more or less, to see how its cost grows. */
export interface GrowthSeries {
  readonly name: string
  readonly title: string
  readonly steps: readonly GrowthStep[]
}

/** The work at one size. Its members are a case's. */
export interface GrowthStep {
  /** In the series' unit: GB, thousands of files, images. */
  readonly size: number
  readonly needs: readonly ImageName[]
  prepare?(contender: Contender): void
  reset?(contender: Contender): Promise<void> | void
  readonly args: (contender: Contender) => readonly string[]
  cleanUp?(contender: Contender): void
}

const parts = [
  ['-quarter', 1 / 4],
  ['-half', 1 / 2],
  ['', 1],
] as const

/** How the cost of everything that may be large grows. Images that are listed stay, so they come last. */
export function growthSeries(workshop: Workshop): readonly GrowthSeries[] {
  return [
    { name: 'grow-bytes', title: 'pull, by GiB in big files', steps: parts.map(([part, share]) => pulls(workshop, `big${part}`, share)) },
    {
      name: 'grow-files',
      title: 'pull, by 1,000 small files',
      steps: parts.map(([part, share]) => pulls(workshop, `many${part}`, share * 50)),
    },
    { name: 'grow-push', title: 'push, by GiB', steps: parts.map(([part, share]) => pushes(workshop, `big${part}`, share)) },
    {
      name: 'grow-save',
      title: 'save as docker-archive, by GiB',
      steps: parts.map(([part, share]) => saves(workshop, `big${part}`, share)),
    },
    {
      name: 'grow-copy',
      title: 'copy between registries, by GiB',
      steps: parts.map(([part, share]) => copies(workshop, `big${part}`, share)),
    },
    { name: 'grow-images', title: 'images, by 1,000 images', steps: parts.map(([, share], index) => listings(workshop, share, index)) },
  ]
}

function pulls({ image }: Workshop, name: ImageName, size: number): GrowthStep {
  const remove = (contender: Contender): void => removeImage(contender, image(name))
  return { size, needs: [name], reset: remove, args: (contender) => pullArgs(contender, image(name)), cleanUp: remove }
}

function pushes({ image, freshRegistry, registryOf }: Workshop, name: ImageName, size: number): GrowthStep {
  const pushed = (contender: Contender): string => `${registryOf(contender)}/${name}:1`
  return {
    size,
    needs: [name],
    prepare: (contender) => pull(contender, image(name)),
    reset: async (contender) => {
      await freshRegistry(contender)
      run(contender, 'tag', image(name), pushed(contender))
    },
    args: (contender) => pushArgs(contender, pushed(contender)),
    // By its id, with all its names.
    cleanUp: (contender) => removeImage(contender, run(contender, 'images', '--quiet', '--no-trunc', image(name))),
  }
}

function saves({ image }: Workshop, name: ImageName, size: number): GrowthStep {
  const file = ({ scratch }: Contender): string => join(scratch, 'saved.tar')
  return {
    size,
    needs: [name],
    prepare: (contender) => pull(contender, image(name)),
    reset: (contender) => rmSync(file(contender), { force: true }),
    args: (contender) => ['save', '--quiet', '--output', file(contender), image(name)],
    cleanUp: (contender) => {
      rmSync(file(contender), { force: true })
      removeImage(contender, image(name))
    },
  }
}

function copies({ image, freshRegistry, registryOf }: Workshop, name: ImageName, size: number): GrowthStep {
  const plain = ['--quiet', '--src-tls-verify=false', '--dest-tls-verify=false']
  return {
    size,
    needs: [name],
    reset: freshRegistry,
    args: (contender) => ['image', 'copy', ...plain, `docker://${image(name)}`, `docker://${registryOf(contender)}/${name}:1`],
  }
}

/** Each step has the images of those before, too. */
function listings({ imagesArchive }: Workshop, share: number, index: number): GrowthStep {
  const before = index === 0 ? 0 : parts[index - 1]![1]
  return {
    size: share * (listedImages / 1000),
    needs: [],
    prepare: (contender) => {
      run(contender, 'load', '--quiet', '--input', imagesArchive(before * listedImages, share * listedImages))
    },
    args: () => ['images'],
  }
}
