/** What a test did many times. */
export interface OutcomeCounts {
  /** `manifests`, `kill -9 of a pull` */
  readonly subject: string
  readonly unit: 'cases' | 'kills' | 'commands'
  /** How often it ended how. */
  readonly outcomes: Readonly<Record<string, number>>
}

/** One test, and how it ended. */
export interface TestOutcome {
  /** Relative to the suite's directory. */
  readonly file: string
  /** The names of its groups and its own, joined by ` > `. */
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped'
  /** Why it was skipped, where the test says so. */
  readonly note?: string
  /** What it has counted, in `task.meta.counts`. */
  readonly counts?: readonly OutcomeCounts[]
}

/** What a suite's run left behind. */
export interface SuiteResults {
  readonly tests: readonly TestOutcome[]
  /** What failed outside of a test: a file that can't be loaded, a hook, a rejection that nobody caught. One sentence each. */
  readonly faults: readonly string[]
}

/** Where the reporter writes its results; set by whoever starts vitest. */
export const resultsVariable = 'PODWRIGHT_TEST_RESULTS'
