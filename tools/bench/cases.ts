import type { BenchCase } from './bench-case.ts'
import { archiveCases } from './cases/archives.ts'
import { commandCases } from './cases/commands.ts'
import { containerCases, lastContainerCases, rootCases } from './cases/containers.ts'
import { copyCases } from './cases/copy.ts'
import { listingCases } from './cases/listing.ts'
import { pullCases } from './cases/pull.ts'
import { pushCases } from './cases/push.ts'
import type { Workshop } from './workshop.ts'

/** The cases, in the order in which they run. */
export function benchCases(workshop: Workshop): readonly BenchCase[] {
  return [commandCases, containerCases, pullCases, pushCases, archiveCases, copyCases].flatMap((cases) => cases(workshop))
}

/** Those that take everybody long to prepare, or leave many images behind, and so come after everything else. */
export function lastCases(workshop: Workshop): readonly BenchCase[] {
  return [lastContainerCases, listingCases].flatMap((cases) => cases(workshop))
}

/** Those that are measured as root. */
export function casesOfRoot(workshop: Workshop): readonly BenchCase[] {
  return rootCases(workshop)
}
