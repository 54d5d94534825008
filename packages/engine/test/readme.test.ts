import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { engineErrorCodes, engineVersion } from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the README lists every error code with its meaning, and no other', () => {
  const listed = [...readme.matchAll(/^\| `(ERR_\w+)` +\| (.+?) +\|$/gm)].map(([, code, meaning]) => [code, meaning])
  expect(Object.fromEntries(listed)).toEqual(engineErrorCodes)
})

test('the version is the package’s', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  expect(engineVersion).toBe(version)
})
