import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { storageErrorCodes } from '../src/index.ts'

test('the README lists the codes, and no others', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const listed = [...readme.matchAll(/^\| `(ERR_[A-Z_]+)` +\| (.+?) +\|$/gm)].map(([, code, meaning]) => [code, meaning])
  expect(Object.fromEntries(listed)).toEqual(storageErrorCodes)
})
