import { expect, test } from 'vitest'
import { randomHex } from '../src/random.ts'

test.each([1, 8, 32, 1000])('%i bytes are so many pairs of hex digits', (bytes) => {
  expect(randomHex(bytes)).toMatch(new RegExp(`^[0-9a-f]{${2 * bytes}}$`))
})

test('no two are alike', () => {
  expect(new Set(Array.from({ length: 1000 }, () => randomHex(16))).size).toBe(1000)
})
