import type { OutcomeCounts, SuiteResults } from './results.ts'

/** Adds up what the tests of all suites have counted, by subject and outcome, in the order of their first mention. */
export function sumOfCounts(suites: readonly SuiteResults[]): readonly OutcomeCounts[] {
  const sums = new Map<string, { subject: string; unit: OutcomeCounts['unit']; outcomes: Record<string, number> }>()
  for (const { subject, unit, outcomes } of suites.flatMap(({ tests }) => tests.flatMap(({ counts }) => counts ?? []))) {
    const sum = sums.get(`${unit} ${subject}`) ?? { subject, unit, outcomes: {} }
    for (const [outcome, times] of Object.entries(outcomes)) sum.outcomes[outcome] = (sum.outcomes[outcome] ?? 0) + times
    sums.set(`${unit} ${subject}`, sum)
  }
  return [...sums.values()]
}

/** How often, however it ended. */
export function timesOf({ outcomes }: OutcomeCounts): number {
  return Object.values(outcomes).reduce((sum, times) => sum + times, 0)
}

/** How much of a unit there was over all subjects that `matches`. */
export function totalOf(counts: readonly OutcomeCounts[], unit: OutcomeCounts['unit'], matches: RegExp = /./): number {
  return counts.filter((one) => one.unit === unit && matches.test(one.subject)).reduce((sum, one) => sum + timesOf(one), 0)
}

/** A line a subject: `manifests: 20000 cases: 12000 right, 8000 ERR_X`, the most frequent outcome first. */
export function countLines(counts: readonly OutcomeCounts[]): readonly string[] {
  return counts.map((one) => {
    const outcomes = Object.entries(one.outcomes).toSorted(([, left], [, right]) => right - left)
    return `${one.subject}: ${timesOf(one)} ${one.unit}: ${outcomes.map(([outcome, times]) => `${times} ${outcome}`).join(', ')}`
  })
}
