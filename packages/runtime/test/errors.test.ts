import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { runtimeErrorCodes } from '../src/index.ts'

test('the README has the table of error codes', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `(ERR_\w+)`\s*\| (.+?)\s*\|$/gm)].map(([, code, meaning]) => [code, meaning])
  expect(Object.fromEntries(rows)).toEqual(runtimeErrorCodes)
})
