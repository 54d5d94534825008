import type { TestContext } from 'vitest'

/** Counts what a test does, by how it ended; the report of the run carries it. */
export function tally({ task }: TestContext, subject: string, unit: 'kills' | 'commands'): (outcome: string) => void {
  const outcomes: Record<string, number> = {}
  task.meta.counts = [...(task.meta.counts ?? []), { subject, unit, outcomes }]
  return (outcome) => void (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1)
}
