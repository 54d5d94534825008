import { expect, test } from 'vitest'
import { countLines, sumOfCounts, totalOf } from '../../suites/counts.ts'
import { type LongSettings, shortfalls, suitesOfLane } from '../../suites/long-lanes.ts'
import type { OutcomeCounts, SuiteResults } from '../../suites/results.ts'
import { workspaceRoot } from '../../workspace/workspace.ts'

const suite = (...counts: readonly OutcomeCounts[]): SuiteResults => ({
  tests: [
    { file: 'a.test.ts', name: 'a', state: 'passed', counts },
    { file: 'a.test.ts', name: 'no counts', state: 'passed' },
  ],
  faults: [],
})
const settings: LongSettings = { cases: 100, rounds: 10, seed: '1' }

test('counts are added up by subject and outcome over tests and suites', () => {
  const sum = sumOfCounts([
    suite({ subject: 'manifests', unit: 'cases', outcomes: { right: 3, ERR_X: 1 } }),
    suite(
      { subject: 'manifests', unit: 'cases', outcomes: { ERR_X: 6 } },
      { subject: 'podwright pull', unit: 'kills', outcomes: { 'at once': 2 } },
    ),
  ])
  expect(countLines(sum)).toEqual(['manifests: 10 cases: 7 ERR_X, 3 right', 'podwright pull: 2 kills: 2 at once'])
  expect([totalOf(sum, 'cases'), totalOf(sum, 'kills'), totalOf(sum, 'commands')]).toEqual([10, 2, 0])
})

test('doing less than was asked for is a fault, and what is not asked for does not count', () => {
  const cases = (subject: string, right: number): OutcomeCounts => ({ subject, unit: 'cases', outcomes: { right } })
  expect(shortfalls('fuzz', [cases('manifests', 60), cases('tars: gzip', 40)], settings)).toEqual([])
  expect(shortfalls('fuzz', [cases('manifests', 60), cases('templates', 40)], settings)).toEqual([
    'cases of fuzzing: 100 were asked for, and the tests tell of 60',
  ])
  const kills = (subject: string): OutcomeCounts => ({ subject, unit: 'kills', outcomes: { killed: 10 } })
  expect(shortfalls('crash', [kills('storage: pull')], settings)).toHaveLength(2)
  expect(shortfalls('crash', [kills('podwright pull')], settings)).toEqual([
    'kills over containers: 10 were asked for, and the tests tell of 0',
  ])
  expect(shortfalls('crash', [kills('podwright pull'), kills('containers: monitor, root')], settings)).toEqual([])
})

test('every lane has files in packages, and for the command', () => {
  const room = (name: string): string => `${workspaceRoot}/packages/${name}`
  const places = { packages: [room('oci'), room('archive'), room('distribution'), room('storage')], e2e: `${workspaceRoot}/e2e` }
  const names = (lane: 'fuzz' | 'faults' | 'crash'): readonly string[] => suitesOfLane(lane, places, settings).map(({ name }) => name)
  expect(names('fuzz')).toEqual(['fuzz: oci', 'fuzz: archive', 'fuzz: distribution'])
  expect(names('faults')).toEqual(['faults: distribution', 'faults: storage', 'faults: the packed command'])
  expect(names('crash')).toEqual(['crash: storage', 'crash: the packed command'])
})
