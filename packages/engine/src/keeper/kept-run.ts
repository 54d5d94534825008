import { healthAtStart } from '../health/health-record.ts'
import type { Keeping } from '../state/keeping.ts'
import type { ContainerChange } from '../state/record.ts'

/** What is to be put on record of a container that is looked after, as soon as it runs. */
export function keptRun({ healthCheck }: Keeping, startedAt: number): ContainerChange {
  return { restartAt: undefined, ...(healthCheck && { health: healthAtStart(healthCheck, startedAt) }) }
}
