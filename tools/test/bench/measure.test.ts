import { describe, expect, test } from 'vitest'
import type { BenchCase } from '../../bench/bench-case.ts'
import { type Contender, scripted, time } from '../../bench/contender.ts'
import { type CaseResult, measureCase, median } from '../../bench/measure.ts'
import { curvature, type GrowthMeasurement } from '../../bench/measure-growth.ts'
import { peakMemory } from '../../bench/peak-memory.ts'
import { type BenchReport, ratioTo, renderReport, targetsOf } from '../../bench/report.ts'

const contender = (name: string, script = ':'): Contender => ({
  name,
  words: ['sh', '-c', script],
  env: { PATH: '/bin:/usr/bin' },
  marks: [],
  scratch: '/nonexistent',
  plainHttp: [],
})

test('a script is run with the command that it is about', () => {
  const bench = scripted({ ...contender('a'), words: ['echo', 'from'] }, '"$@" here; "$@" there')
  expect(time(bench, []).stdout).toBe('from here\nfrom there\n')
})

describe('median', () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])('of %j is %d', (values, wanted) => {
    expect(median(values)).toBe(wanted)
  })
})

describe('measureCase', () => {
  test('takes turns, each round from another contender on, and does not count the first', async () => {
    const order: string[] = []
    const contenders = ['a', 'b', 'c']
    const bench: BenchCase = { name: 'c', title: 'c', rounds: 3, contenders, reset: ({ name }) => void order.push(name), args: () => [] }
    const result = await measureCase(
      bench,
      contenders.map((name) => contender(name)),
      3,
      () => {},
    )
    expect(order.join('')).toBe('abcbcacababc')
    expect(result.samples.map(({ milliseconds }) => milliseconds.length)).toEqual([3, 3, 3])
  })

  test('has everybody delete before anybody runs, where deleting slows what comes next', async () => {
    const order: string[] = []
    const contenders = ['a', 'b']
    const bench: BenchCase = {
      name: 'c',
      title: 'c',
      rounds: 2,
      warmUps: 0,
      deletes: true,
      contenders,
      reset: ({ name }) => void order.push(`reset ${name}`),
      args: ({ name }) => [void order.push(`run ${name}`)].map(String),
    }
    await measureCase(
      bench,
      contenders.map((name) => contender(name)),
      2,
      () => {},
      1,
    )
    expect(order).toEqual(['reset a', 'reset b', 'run a', 'run b', 'reset a', 'reset b', 'run b', 'run a'])
  })

  test('a contender that fails is left out with its reason, the others go on', async () => {
    const bench: BenchCase = { name: 'c', title: 'c', rounds: 2, contenders: ['fine', 'broken'], args: () => [] }
    const result = await measureCase(bench, [contender('fine'), contender('broken', 'echo no such flag >&2; exit 3')], 2, () => {})
    expect(result.samples.map(({ contender: name }) => name)).toEqual(['fine'])
    expect(result.failures).toEqual([{ contender: 'broken', reason: expect.stringContaining('exit 3\nno such flag') }])
  })

  test('leaves out who does not take part', async () => {
    const bench: BenchCase = { name: 'c', title: 'c', rounds: 1, contenders: ['a'], args: () => [] }
    const result = await measureCase(bench, [contender('a'), contender('b', 'exit 1')], 1, () => {})
    expect(result.samples.map(({ contender: name }) => name)).toEqual(['a'])
    expect(result.failures).toEqual([])
  })

  test('counts every round where nothing warms up, and looks at memory in a run of its own', async () => {
    let resets = 0
    const bench: BenchCase = {
      name: 'c',
      title: 'c',
      rounds: 2,
      warmUps: 0,
      memory: true,
      contenders: ['a'],
      reset: () => void resets++,
      args: () => [],
    }
    const result = await measureCase(bench, [contender('a', 'sleep 0.2')], 2, () => {})
    expect(result.samples[0]?.milliseconds).toHaveLength(2)
    expect(result.samples[0]?.peakBytes).toBeGreaterThan(0)
    expect(resets).toBe(3)
  })
})

/** Times by sizes. */
function steps(...pairs: readonly (readonly [size: number, milliseconds: number])[]): GrowthMeasurement[] {
  return pairs.map(([size, milliseconds]) => ({ size, milliseconds: [milliseconds] }))
}

describe('curvature', () => {
  test.each([
    ['a linear cost beside a fixed one', steps([1, 110], [2, 120], [4, 140]), 1],
    ['a square', steps([1, 1], [2, 4], [4, 16]), 2],
    ['too few sizes', steps([1, 1], [2, 2]), undefined],
    ['nothing', steps([1, 1], [2, 1], [4, 1]), undefined],
  ])('of %s', (_, measured, wanted) => {
    expect(curvature({ steps: measured })).toBe(wanted)
  })
})

describe('the report', () => {
  const result: CaseResult = {
    name: 'run',
    title: 'run',
    samples: [
      { contender: 'podwright', milliseconds: [10, 30, 20], peakBytes: 250e6 },
      { contender: 'podman', milliseconds: [40, 40, 40] },
    ],
    failures: [],
  }
  const report: BenchReport = {
    cases: [result],
    growth: [{ name: 'g', title: 'growth', steps: steps([1, 10], [2, 20], [4, 90]) }],
    idle: { podwright: [{ command: 'conmon', bytes: 1e6 }] },
    manyIdle: { podwright: 60e6, podman: 61e6, docker: 500e6 },
  }
  const cases: readonly BenchCase[] = [{ name: 'run', title: 'run', rounds: 3, args: () => [], targets: [{ to: 'podman', ratio: 0.55 }] }]

  test('compares medians', () => {
    expect(ratioTo(result, 'podman')).toBe(0.5)
    expect(ratioTo(result, 'docker')).toBeUndefined()
  })

  test('says which targets are met', () => {
    expect(targetsOf(report, cases).map(({ reached, ok }) => ({ reached, ok }))).toEqual([
      { reached: 0.5, ok: true },
      { reached: 250, ok: false },
      { reached: 3.5, ok: false },
      { reached: 0, ok: true },
      { reached: 60 / 61, ok: true },
      { reached: 0.12, ok: false },
    ])
    expect(renderReport(report, cases)).toMatch(/memory of 50 idle containers, to docker +0\.12 +≤ 0\.1 +MISSED/)
    expect(renderReport(report, cases)).toMatch(/run, to podman +0\.50 +≤ 0\.55 +met/)
    expect(renderReport(report, cases)).toContain('MISSED')
  })
})

test('peakMemory sees what a command and its children use together', async () => {
  const hungry = `${process.execPath} -e "Buffer.alloc(64e6, 1); setTimeout(() => {}, 400)"`
  expect(await peakMemory(contender('a', `${hungry} & ${hungry} & wait`), [])).toBeGreaterThan(128e6)
})
