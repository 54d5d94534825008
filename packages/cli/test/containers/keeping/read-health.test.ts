import { expect, test } from 'vitest'
import { readHealth } from '../../../src/containers/keeping/read-health.ts'

test('a command is for a shell, or a JSON list of words', () => {
  expect(readHealth({ 'health-cmd': 'curl -f localhost' })).toMatchObject({ test: ['CMD-SHELL', 'curl -f localhost'] })
  expect(readHealth({ 'health-cmd': '["CMD", "curl", "-f"]' })).toMatchObject({ test: ['CMD', 'curl', '-f'] })
  expect(readHealth({ 'health-cmd': '[ -e /ready ]' })).toMatchObject({ test: ['CMD-SHELL', '[ -e /ready ]'] })
})

test('none and --no-healthcheck take it away', () => {
  expect(readHealth({ 'health-cmd': 'none' })).toBe('none')
  expect(readHealth({ 'no-healthcheck': true })).toBe('none')
  expect(() => readHealth({ 'no-healthcheck': true, 'health-cmd': 'x' })).toThrow('--no-healthcheck and --health-cmd contradict each other')
})

test('times and numbers', () => {
  expect(
    readHealth({
      'health-interval': '1m30s',
      'health-timeout': '500ms',
      'health-start-period': '0',
      'health-retries': 1,
      'health-max-log-size': 0,
    }),
  ).toMatchObject({ intervalMs: 90_000, timeoutMs: 500, startPeriodMs: 0, retries: 1, logSize: 0, test: undefined })
  expect(readHealth({ 'health-interval': 'disable' })).toMatchObject({ intervalMs: 0 })
})

test('the check at start-up', () => {
  expect(
    readHealth({ 'health-cmd': 'x', 'health-startup-cmd': 'y', 'health-startup-success': 2, 'health-startup-retries': 0 }),
  ).toMatchObject({ startup: { test: ['CMD-SHELL', 'y'], successes: 2, retries: 0 } })
})

test.each([
  [{ 'health-interval': 'often' }, 'invalid value "often" for --health-interval: it is a time such as 30s or 1m30s'],
  [{ 'health-retries': 0 }, 'invalid value "0" for --health-retries: it is 1 or more'],
  [{ 'health-startup-success': 1 }, '--health-startup-success needs --health-startup-cmd: there is no check at start-up without it'],
  [{ 'health-log-destination': 'events_logger' }, 'cannot honour --health-log-destination events_logger'],
])('%j is refused', (flags, message) => {
  expect(() => readHealth(flags)).toThrow(message)
})
