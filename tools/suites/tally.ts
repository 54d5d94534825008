import type { SuiteResults, TestOutcome } from './results.ts'

/** The sum over suites. */
export interface Tally {
  readonly passed: number
  /** Tests that failed, and faults outside of tests. */
  readonly failed: number
  readonly skipped: number
}

/** Counts tests and faults over all suites. */
export function tallyOf(suites: readonly SuiteResults[]): Tally {
  const tests = suites.flatMap((suite) => suite.tests)
  const count = (state: TestOutcome['state']): number => tests.filter((test) => test.state === state).length
  const faults = suites.reduce((sum, suite) => sum + suite.faults.length, 0)
  return { passed: count('passed'), failed: count('failed') + faults, skipped: count('skipped') }
}

/** The line that closes a run: `12 passed, 0 failed`, and the skipped ones where there are any. */
export function closingLine(tally: Tally): string {
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : ''
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`
}
