import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { archiveErrorCodes } from '../src/index.ts'

test('the README has exactly the codes of this package, with their meaning', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `(ERR_[A-Z0-9_]+)`\s*\| (.+?)\s*\|$/gm)].map(([, code, meaning]) => [code, meaning])
  expect(Object.fromEntries(rows)).toEqual(archiveErrorCodes)
})
