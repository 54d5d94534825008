import { expect, test } from 'vitest'
import { humanAge, humanDuration } from '../../src/render/duration.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

test.each([
  [-5, 'Less than a second'],
  [999, 'Less than a second'],
  [1000, '1 second'],
  [59_999, '59 seconds'],
  [minute, 'About a minute'],
  [2 * minute - 1, 'About a minute'],
  [59 * minute, '59 minutes'],
  [hour, 'About an hour'],
  [89 * minute, 'About an hour'],
  [90 * minute, '2 hours'],
  [47 * hour, '47 hours'],
  [2 * day, '2 days'],
  [13 * day, '13 days'],
  [14 * day, '2 weeks'],
  [59 * day, '8 weeks'],
  [60 * day, '2 months'],
  [729 * day, '24 months'],
  [730 * day, '2 years'],
])('%d ms: %s', (milliseconds, words) => {
  expect(humanDuration(milliseconds)).toBe(words)
})

test('an age', () => {
  expect(humanAge(new Date(0), 3 * minute)).toBe('3 minutes ago')
})
