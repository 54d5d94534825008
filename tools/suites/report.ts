import { machineFacts } from './machine-facts.ts'
import type { SuiteResults } from './results.ts'
import { allowedSkips, unexcusedSkips } from './skips.ts'
import { closingLine, tallyOf } from './tally.ts'

/** Prints what was skipped and what failed, then the closing line; sets the exit status. */
export function reportResults(results: readonly SuiteResults[]): void {
  const tests = results.flatMap((suite) => suite.tests)
  list(
    'Skipped',
    tests.filter((test) => test.state === 'skipped').map((test) => `${test.name}: ${test.note ?? 'no reason given'}`),
  )
  list(
    'Failed',
    tests.filter((test) => test.state === 'failed').map((test) => `${test.file}: ${test.name}`),
  )
  list(
    'Failed outside of a test',
    results.flatMap((suite) => suite.faults),
  )

  const facts = machineFacts()
  // What a plain user's run leaves out, root's runs.
  const unexcused = process.env['CI'] === undefined || !facts.isRoot ? [] : unexcusedSkips(tests, allowedSkips(facts))
  list(
    'Skipped, although this machine can run it',
    unexcused.map((test) => `${test.file}: ${test.name}`),
  )

  const sum = tallyOf(results)
  const tally = { ...sum, failed: sum.failed + unexcused.length, skipped: sum.skipped - unexcused.length }
  console.log(`\n${closingLine(tally)}`)
  if (tally.failed > 0 || tally.passed === 0) process.exitCode = 1
}

/** A title and lines below it; nothing where there are none. */
export function list(title: string, lines: readonly string[]): void {
  if (lines.length > 0) console.log(`\n${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`)
}
