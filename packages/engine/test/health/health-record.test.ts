import type { HealthCheck } from '@podwright/contracts'
import { describe, expect, test } from 'vitest'
import { healthAfter, healthAtStart, type HealthRecord, hasNotStarted } from '../../src/health/health-record.ts'
import { resolveHealth } from '../../src/health/resolve-health.ts'

const plain: HealthCheck = resolveHealth({ test: ['CMD', 'true'] }, undefined)!

/** The states after checks that end at these times, each one passed or not. */
function course(check: HealthCheck, ends: readonly (readonly [at: number, passed: boolean])[]): HealthRecord[] {
  const states: HealthRecord[] = []
  let state = healthAtStart(check, 0)
  for (const [finishedAt, passed] of ends) {
    state = healthAfter(check, state, { passed, finishedAt, containerStartedAt: 0 })
    states.push(state)
  }
  return states
}

describe('what follows a check', () => {
  test('three failures in a row make it unhealthy, one success healthy again', () => {
    const states = course(plain, [
      [30_000, false],
      [60_000, false],
      [90_000, false],
      [120_000, true],
      [150_000, false],
    ])
    expect(states.map(({ status, failingStreak }) => `${status} ${failingStreak}`)).toEqual([
      'starting 1',
      'starting 2',
      'unhealthy 3',
      'healthy 0',
      'healthy 1',
    ])
    expect(states.map(({ nextAt }) => nextAt)).toEqual([60_000, 90_000, 120_000, 150_000, 180_000])
  })

  test('failures in the start period do not count, and are looked at more often', () => {
    const check = { ...plain, startPeriodMs: 60_000, retries: 1 }
    expect(healthAtStart(check, 1000)).toEqual({ status: 'starting', failingStreak: 0, nextAt: 6000 })
    const states = course(check, [
      [5000, false],
      [61_000, false],
    ])
    expect(states).toEqual([
      { status: 'starting', failingStreak: 0, nextAt: 10_000 },
      { status: 'unhealthy', failingStreak: 1, nextAt: 91_000 },
    ])
  })

  test('a success in the start period ends it', () => {
    const check = { ...plain, startPeriodMs: 60_000, retries: 1 }
    const states = course(check, [
      [5000, true],
      [10_000, false],
    ])
    expect(states.map(({ status }) => status)).toEqual(['healthy', 'unhealthy'])
  })

  test('the check begins when the one at start-up has passed as often as it must', () => {
    const check = { ...plain, startup: { test: ['CMD', 'x'], intervalMs: 1000, timeoutMs: 1, retries: 3, successes: 2 } }
    expect(healthAtStart(check, 0)).toEqual({ status: 'starting', failingStreak: 0, nextAt: 1000, startup: { successes: 0, failures: 0 } })
    const states = course(check, [
      [1000, true],
      [2000, false],
      [3000, true],
      [4000, true],
      [34_000, true],
    ])
    expect(states.map(({ startup }) => startup)).toEqual([
      { successes: 1, failures: 0 },
      { successes: 0, failures: 1 },
      { successes: 1, failures: 1 },
      undefined,
      undefined,
    ])
    expect(states.map(({ status }) => status)).toEqual(['starting', 'starting', 'starting', 'starting', 'healthy'])
    expect(hasNotStarted(check, states[2]!)).toBe(false)
    expect(hasNotStarted(check, { ...states[2]!, startup: { successes: 0, failures: 3 } })).toBe(true)
  })

  test('without an interval, nothing is due by itself', () => {
    const check = { ...plain, intervalMs: 0, startPeriodMs: 1000 }
    expect(healthAtStart(check, 0).nextAt).toBeUndefined()
    expect(course(check, [[5, false]])[0]?.nextAt).toBeUndefined()
  })
})

describe('what a container has', () => {
  const image = { Test: ['CMD-SHELL', 'curl -f localhost'], Interval: 5e9, Timeout: 0, Retries: 0, StartPeriod: 1.5e9 }

  test("the image's, with its zeros for the defaults, and given fields in place of it", () => {
    expect(resolveHealth(undefined, image)).toMatchObject({
      test: ['CMD-SHELL', 'curl -f localhost'],
      intervalMs: 5000,
      timeoutMs: 30_000,
      retries: 3,
      startPeriodMs: 1500,
      onFailure: 'none',
    })
    expect(resolveHealth({ retries: 1, test: undefined }, image)).toMatchObject({ test: image.Test, retries: 1, intervalMs: 5000 })
  })

  test('none, when nothing is given and the image has none, or has NONE, or none is given', () => {
    for (const [given, of] of [
      [undefined, undefined],
      [{}, undefined],
      [undefined, { Test: ['NONE'] }],
      ['none', image],
    ] as const) {
      expect(resolveHealth(given, of)).toBeUndefined()
    }
  })

  test('fields of a check that has no command are refused', () => {
    expect(() => resolveHealth({ retries: 2 }, undefined)).toThrow(/needs a command/)
    expect(() => resolveHealth({ test: ['CMD'] }, undefined)).toThrow(/needs a command/)
    expect(() => resolveHealth({ test: ['CMD', 'x'], timeoutMs: 0 }, undefined)).toThrow(/more time/)
    expect(() => resolveHealth({ test: ['CMD', 'x'], retries: -1 }, undefined)).toThrow(/retries .* is -1/)
  })
})
