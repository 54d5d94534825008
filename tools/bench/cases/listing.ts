import type { BenchCase, BenchCases } from '../bench-case.ts'
import { type Contender, run } from '../contender.ts'
import type { Workshop } from '../workshop.ts'

/** How many images there are when they are listed. */
export const listedImages = 1000

/** Listings of many images, which stay. */
export const listingCases: BenchCases = (workshop) => [
  listingCase(workshop, 'images', ['images']),
  listingCase(workshop, 'system-df', ['system', 'df']),
]

function listingCase({ imagesArchive }: Workshop, name: string, args: readonly string[]): BenchCase {
  return {
    name,
    title: `${args.join(' ')} with ${listedImages.toLocaleString('en')} images`,
    rounds: 7,
    memory: true,
    prepare: (contender) => loadImages(contender, imagesArchive),
    args: () => args,
    targets: [{ to: 'podman', ratio: 0.5 }],
  }
}

/** All engines take them from one archive: a thousand of one small layer each. */
function loadImages(contender: Contender, imagesArchive: (from: number, to: number) => string): void {
  const listed = run(contender, 'images', '--quiet').split('\n').length
  if (listed < listedImages) run(contender, 'load', '--quiet', '--input', imagesArchive(0, listedImages))
}
