import { describe, expect, test } from 'vitest'
import type { BenchCase } from '../../bench/cases.ts'
import type { Contender } from '../../bench/contender.ts'
import { type CaseResult, measureCase, median } from '../../bench/measure.ts'
import { peakMemory } from '../../bench/memory.ts'
import { type BenchReport, ratioTo, renderReport, targetsOf } from '../../bench/report.ts'

const contender = (name: string, script = ':'): Contender => ({
  name,
  words: ['sh', '-c', script],
  env: { PATH: '/bin:/usr/bin' },
  plainHttp: [],
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
  test('takes turns, each round from another contender on, and does not count the first', () => {
    const order: string[] = []
    const bench: BenchCase = { name: 'c', title: 'c', rounds: 3, reset: ({ name }) => void order.push(name), args: () => [] }
    const result = measureCase(
      bench,
      ['a', 'b', 'c'].map((name) => contender(name)),
      3,
      () => {},
    )
    expect(order.join('')).toBe('abcbcacababc')
    expect(result.samples.map(({ milliseconds }) => milliseconds.length)).toEqual([3, 3, 3])
  })

  test('a contender that fails is left out with its reason, the others go on', () => {
    const bench: BenchCase = { name: 'c', title: 'c', rounds: 2, args: () => [] }
    const result = measureCase(bench, [contender('fine'), contender('broken', 'echo no such flag >&2; exit 3')], 2, () => {})
    expect(result.samples.map(({ contender: name }) => name)).toEqual(['fine'])
    expect(result.failures).toEqual([{ contender: 'broken', reason: expect.stringContaining('exit 3\nno such flag') }])
  })
})

describe('the report', () => {
  const result: CaseResult = {
    name: 'run',
    title: 'run',
    samples: [
      { contender: 'podwright', milliseconds: [10, 30, 20] },
      { contender: 'podman', milliseconds: [40, 40, 40] },
    ],
    failures: [],
  }
  const report: BenchReport = {
    cases: [result],
    peakPullMemory: { podwright: 250e6 },
    idle: { podwright: [{ command: 'conmon', bytes: 1e6 }] },
  }
  const cases: readonly BenchCase[] = [{ name: 'run', title: 'run', rounds: 3, args: () => [], target: { to: 'podman', ratio: 0.55 } }]

  test('compares medians', () => {
    expect(ratioTo(result, 'podman')).toBe(0.5)
    expect(ratioTo(result, 'docker')).toBeUndefined()
  })

  test('says which targets are met', () => {
    expect(targetsOf(report, cases).map(({ reached, ok }) => ({ reached, ok }))).toEqual([
      { reached: 0.5, ok: true },
      { reached: 250, ok: false },
      { reached: 0, ok: true },
    ])
    expect(renderReport(report, cases)).toMatch(/run, to podman +0\.50 +≤ 0\.55 +met/)
    expect(renderReport(report, cases)).toContain('MISSED')
  })
})

test('peakMemory sees what a command and its children use together', async () => {
  const hungry = `${process.execPath} -e "Buffer.alloc(64e6, 1); setTimeout(() => {}, 400)"`
  expect(await peakMemory(contender('a', `${hungry} & ${hungry} & wait`), [])).toBeGreaterThan(128e6)
})
