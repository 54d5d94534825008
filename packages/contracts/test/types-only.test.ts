import { expect, test } from 'vitest'
import * as contracts from '../src/index.ts'

test('there is nothing at run time', () => {
  expect(Object.keys(contracts)).toEqual([])
})
