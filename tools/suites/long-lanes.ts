import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { OutcomeCounts } from './results.ts'
import { totalOf } from './counts.ts'
import type { Suite } from './run-suite.ts'

/** What the long run is made of. */
export const lanes = ['fuzz', 'faults', 'crash'] as const
export type Lane = (typeof lanes)[number]

/** How much the long run does. */
export interface LongSettings {
  /** Cases of fuzzing, over everything that is parsed. */
  readonly cases: number
  /** Kills of commands, over both roles. */
  readonly rounds: number
  /** Of what is random in the kills. */
  readonly seed: string
}

/** Files of a lane, in packages and in e2e/long. */
const filesOf: Readonly<Record<Lane, RegExp>> = {
  fuzz: /\.fuzz\.test\.ts$/,
  faults: /\.faults\.test\.ts$|^(fault-table|faults|disk-full|full-disk|resume)\.test\.ts$/,
  crash: /(^|\.)crash\.test\.ts$/,
}

/** The things that are parsed of which the cases count. */
export const fuzzTargets: RegExp = /^(manifests|indexes|configs|auth files|registries\.conf|tars: .*)$/

/** There are more properties than this over the targets; each is given its share of the cases, and enough to see every outcome. */
const propertiesAtLeast = 10
const casesAtLeast = 200

/** Kills inside storage, for each kill of a command: they are the same moments, seen from closer. */
const libraryShare = 1 / 4

/** The suites of a lane; `directories` are absolute. */
export function suitesOfLane(
  lane: Lane,
  directories: { readonly packages: readonly string[]; readonly e2e: string },
  settings: LongSettings,
): Suite[] {
  const inPackages = directories.packages.flatMap((directory): Suite[] => {
    const files = testFiles(join(directory, 'test')).filter((file) => filesOf[lane].test(file.split('/').at(-1)!))
    const env = {
      PODWRIGHT_FUZZ_CASES: `${Math.max(casesAtLeast, Math.ceil(settings.cases / propertiesAtLeast))}`,
      PODWRIGHT_CRASH_ROUNDS: `${Math.ceil(settings.rounds * libraryShare)}`,
    }
    const name = `${lane}: ${directory.split('/').at(-1)}`
    return files.length === 0
      ? []
      : [{ name, directory, reporter: 'verbose', files: files.map((file) => `test/${file}`), env, longestMinutes: 60 }]
  })
  const files = testFiles(join(directories.e2e, 'long')).filter((file) => filesOf[lane].test(file))
  if (files.length === 0) return inPackages
  const env = { PODWRIGHT_CRASH_ROUNDS: `${settings.rounds}`, PODWRIGHT_CRASH_SEED: settings.seed }
  const ofCommand: Suite = {
    name: `${lane}: the packed command`,
    directory: directories.e2e,
    config: 'long/vitest.config.ts',
    reporter: 'verbose',
    files: files.map((file) => `long/${file}`),
    env,
    longestMinutes: 90,
  }
  return [...inPackages, ofCommand]
}

/** What the tests did less of than was asked for: a sentence each. */
export function shortfalls(lane: Lane, counts: readonly OutcomeCounts[], settings: LongSettings): readonly string[] {
  const check = (what: string, did: number, asked: number): string[] =>
    did >= asked ? [] : [`${what}: ${asked} were asked for, and the tests tell of ${did}`]
  if (lane === 'fuzz') return check('cases of fuzzing', totalOf(counts, 'cases', fuzzTargets), settings.cases)
  if (lane === 'crash') {
    return [
      ...check('kills of commands', totalOf(counts, 'kills', /^podwright /), settings.rounds),
      ...check('kills over containers', totalOf(counts, 'kills', /^containers: /), settings.rounds),
    ]
  }
  return []
}

function testFiles(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .toSorted()
  } catch {
    return []
  }
}
