/**
 * `npm run test:long`: the same kinds of tests as `npm test` has, for half an hour: hostile input, faults, kills. What the tests did is printed in numbers
 * that they count themselves; the last line is the sum of the tests.
 *
 *     npm run test:long                              everything: 100,000 cases, 300 kills of commands
 *     npm run test:long -- --only crash,fuzz         some of: fuzz, faults, crash
 *     npm run test:long -- --rounds 20 --cases 5000  less of it
 *     npm run test:long -- --only crash --seed 17    the kills of a run before, as it printed them
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { countLines, sumOfCounts, totalOf } from '../suites/counts.ts'
import { type Lane, fuzzTargets, lanes, type LongSettings, shortfalls, suitesOfLane } from '../suites/long-lanes.ts'
import { list, reportResults } from '../suites/report.ts'
import type { SuiteResults } from '../suites/results.ts'
import { runSuite } from '../suites/run-suite.ts'
import { readWorkspace, workspaceRoot } from '../workspace/workspace.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '300' },
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 31)}` },
  },
})

function chosenLanes(only: string | undefined): readonly Lane[] {
  const wanted = only?.split(',') ?? lanes
  const unknown = wanted.filter((lane) => !lanes.includes(lane as Lane))
  if (unknown.length > 0) throw new Error(`--only takes ${lanes.join(', ')}, not ${unknown.join(', ')}`)
  return lanes.filter((lane) => wanted.includes(lane))
}

function positive(flag: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${flag} takes a positive number, not ${text}`)
  return Number(text)
}

async function runLane(lane: Lane, settings: LongSettings): Promise<readonly SuiteResults[]> {
  const packages = readWorkspace()
    .packages.map(({ directory }) => directory)
    .filter((directory) => directory.startsWith('packages/'))
    .map((directory) => join(workspaceRoot, directory))
  const results: SuiteResults[] = []
  for (const suite of suitesOfLane(lane, { packages, e2e: join(workspaceRoot, 'e2e') }, settings)) {
    const started = performance.now()
    console.log(`\n[${suite.name}]`)
    results.push(await runSuite(suite))
    console.log(`[${suite.name}] took ${Math.round((performance.now() - started) / 1000)} s`)
  }
  return results
}

async function main(): Promise<void> {
  const settings: LongSettings = { cases: positive('cases', values.cases), rounds: positive('rounds', values.rounds), seed: values.seed }
  console.log(`${settings.cases} cases, ${settings.rounds} kills of commands, seed ${settings.seed}`)
  const results: SuiteResults[] = []
  for (const lane of chosenLanes(values.only)) {
    const ofLane = await runLane(lane, settings)
    const ofTests = sumOfCounts(ofLane)
    // At once, for whoever ends the run before its end.
    list(`What the tests of ${lane} did`, countLines(ofTests))
    results.push(...ofLane, { tests: [], faults: shortfalls(lane, ofTests, settings) })
  }
  const counts = sumOfCounts(results)
  const totals = [
    `${totalOf(counts, 'cases', fuzzTargets)} cases of manifests, indexes, configs, tars, auth files and registries.conf; ${totalOf(counts, 'cases')} of everything`,
    `${totalOf(counts, 'kills', /^podwright /)} kills of commands; ${totalOf(counts, 'kills')} of everything`,
    `${totalOf(counts, 'commands')} commands at work in a fault`,
  ]
  list(`In all, seed ${settings.seed}`, totals)
  reportResults(results)
}

await main()
