import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cdiErrorCodes } from '../src/index.ts'

test('the README documents every error code, and no other', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  expect([...new Set(readme.match(/ERR_[A-Z0-9_]+/g))].toSorted()).toEqual(Object.keys(cdiErrorCodes).toSorted())
})
