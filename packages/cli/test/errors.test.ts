import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cliErrorCodes, commandTable } from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the README documents every error code with its meaning, and no other', () => {
  const rows = [...readme.matchAll(/^\| `(ERR_[A-Z_]+)`\s*\| (.*?)\s*\|$/gm)].map(([, code = '', meaning]) => [code, meaning] as const)
  expect(Object.fromEntries(rows)).toEqual(cliErrorCodes)
})

const shown = commandTable.filter(({ hidden }) => hidden !== true).flatMap(({ names }) => names.slice(0, 1))

test.each(shown.filter((name) => !name.includes(' ')))('the README names %s', (name) => {
  expect(readme).toContain(`\`${name}\``)
})
