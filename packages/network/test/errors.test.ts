import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { networkErrorCodes } from '../src/index.ts'

test("the README's table of codes is the code's", () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `(ERR_\w+)`\s*\| (.*?)\s*\|$/gm)].map(([, code, meaning]) => [code, meaning])
  expect(Object.fromEntries(rows)).toEqual(networkErrorCodes)
})
