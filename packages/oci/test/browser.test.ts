import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const sources = join(import.meta.dirname, '../src')

test('nothing in the sources imports what only Node has', () => {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const importing = files.filter((name) => /(?:from|import\()\s*'node:/.test(readFileSync(join(sources, name), 'utf8')))
  expect(files.length).toBeGreaterThan(10)
  expect(importing).toEqual([])
})
