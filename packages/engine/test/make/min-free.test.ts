import { isPodwrightError } from '@podwright/conventions'
import { expect, test } from 'vitest'
import { minFreeBytes } from '../../src/make/min-free.ts'

test.each([
  [{}, undefined, undefined],
  [{}, '', undefined],
  [{}, '0', 0],
  [{}, '512m', 512 * 2 ** 20],
  [{}, '2G', 2 * 2 ** 30],
  [{}, '1000', 1000],
  [{ minFreeBytes: 7 }, '512m', 7],
  [{ minFreeBytes: 0 }, 'nonsense', 0],
])('%j and %j: %j', (options, text, expected) => {
  expect(minFreeBytes(options, { PODWRIGHT_MIN_FREE: text })).toBe(expected)
})

test.each(['-1', '1.5g', 'much', '5 %', `${2 ** 53}`, '9999999t'])('%s is refused', (text) => {
  const read = (): unknown => minFreeBytes({}, { PODWRIGHT_MIN_FREE: text })
  expect(read).toThrow(text)
  expect(read).toThrow(expect.toSatisfy((error: unknown) => isPodwrightError(error, 'ERR_ENGINE_ENVIRONMENT')))
})
