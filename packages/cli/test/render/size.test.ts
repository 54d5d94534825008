import { expect, test } from 'vitest'
import { humanSize } from '../../src/render/size.ts'

test.each([
  [0, '0B'],
  [999, '999B'],
  [1000, '1kB'],
  [4261, '4.26kB'],
  [170_400_000, '170MB'],
  [1_234_567_890, '1.23GB'],
  [5e18, '5EB'],
])('%d: %s', (bytes, text) => {
  expect(humanSize(bytes)).toBe(text)
})
