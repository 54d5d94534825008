import { describe, expect, test } from 'vitest'
import type { SuiteResults, TestOutcome } from '../../suites/results.ts'
import { withEnding } from '../../suites/run-suite.ts'
import { allowedSkips, type MachineFacts, unexcusedSkips } from '../../suites/skips.ts'
import { closingLine, tallyOf } from '../../suites/tally.ts'

const passed: TestOutcome = { file: 'a.test.ts', name: 'a', state: 'passed' }
const failed: TestOutcome = { file: 'a.test.ts', name: 'b', state: 'failed' }
const skipped: TestOutcome = { file: 'a.test.ts', name: 'c', state: 'skipped', note: 'needs systemd' }

describe('the closing line', () => {
  test('sums over suites', () => {
    const suites: SuiteResults[] = [
      { tests: [passed, passed], faults: [] },
      { tests: [passed, failed], faults: [] },
    ]
    expect(closingLine(tallyOf(suites))).toBe('3 passed, 1 failed')
  })

  test('counts what failed outside of tests', () => {
    expect(closingLine(tallyOf([{ tests: [passed], faults: ['a hook'] }]))).toBe('1 passed, 1 failed')
  })

  test('names the skipped ones only where there are any', () => {
    expect(closingLine(tallyOf([{ tests: [passed, skipped], faults: [] }]))).toBe('1 passed, 0 failed, 1 skipped')
  })
})

describe('a run that went wrong is never counted as a good one', () => {
  test('it left no results', () => {
    expect(withEnding(undefined, 'vitest ended with SIGSEGV')).toEqual({ tests: [], faults: ['no results: vitest ended with SIGSEGV'] })
  })

  test('it failed, and nothing in the results says why', () => {
    expect(withEnding({ tests: [passed], faults: [] }, 'vitest ended with 1').faults).toEqual(['vitest ended with 1'])
  })

  test('it failed because of a test, which counts once', () => {
    expect(withEnding({ tests: [failed], faults: [] }, 'vitest ended with 1').faults).toEqual([])
  })

  test('a package that has no test yet is not a fault', () => {
    expect(withEnding(undefined, undefined)).toEqual({ tests: [], faults: [] })
  })
})

describe('skips', () => {
  const facts: MachineFacts = { isRoot: true, hasSystemd: false, hasCgroup2: false, hasAppArmor: false, hasSelinux: false }

  test('a reason that holds on this machine excuses', () => {
    expect(unexcusedSkips([skipped], allowedSkips(facts))).toEqual([])
  })

  test('a reason that does not hold on this machine excuses nothing', () => {
    expect(unexcusedSkips([skipped], allowedSkips({ ...facts, hasSystemd: true }))).toEqual([skipped])
  })

  test.each([
    ['no reason', undefined],
    ['an unknown reason', 'it was late'],
  ])('%s excuses nothing', (_, note) => {
    const outcome: TestOutcome = { file: 'a.test.ts', name: 'd', state: 'skipped', ...(note === undefined ? {} : { note }) }
    expect(unexcusedSkips([outcome], allowedSkips(facts))).toEqual([outcome])
  })
})
