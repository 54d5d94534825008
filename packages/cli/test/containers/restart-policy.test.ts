import { expect, test } from 'vitest'
import { readRestart } from '../../src/containers/keeping/restart-policy.ts'

test('--restart: policies, a number of retries, and none', () => {
  expect(['', 'no'].map((text) => readRestart(text, {}))).toEqual([undefined, undefined])
  expect(readRestart('always', {})).toEqual({ name: 'always' })
  expect(readRestart('unless-stopped', { rm: false })).toEqual({ name: 'unless-stopped' })
  expect(readRestart('on-failure', { rm: true })).toEqual({ name: 'on-failure' })
  // As with docker and podman, 0 is no limit.
  expect(readRestart('on-failure:0', {})).toEqual({ name: 'on-failure' })
  expect(readRestart('on-failure:5', {})).toEqual({ name: 'on-failure', maximumRetries: 5 })
})

test('--restart: what it cannot be', () => {
  for (const text of ['sometimes', 'Always', 'on-failure:-1', 'on-failure:', 'on-failure:x', ':3', 'no:1', 'always:2']) {
    expect(() => readRestart(text, {}), text).toThrow(/is not a valid restart policy/)
  }
  expect(() => readRestart('always', { rm: true })).toThrow(/contradict/)
})
