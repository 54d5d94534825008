import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const columns = 6

/** The tables' rows by their first cell, heads left out. */
function rows(): readonly (readonly string[])[] {
  return readFileSync(join(root, 'docs/security.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([first = '']) => first !== 'row' && !/^-+$/.test(first))
}

function testTitles(): string[] {
  const directory = join(root, 'e2e/test')
  return readdirSync(directory)
    .filter((name) => /^security(-[a-z]+)?\.test\.ts$/.test(name))
    .flatMap((name) =>
      [...readFileSync(join(directory, name), 'utf8').matchAll(/^ {2}(?:test|defineTest)\(\s*'([^']+)'/gm)].map((match) => match[1]!),
    )
}

test('every row of docs/security.md has its test, and every test its row', () => {
  expect(rows().length).toBeGreaterThan(20)
  expect(
    rows()
      .map(([name]) => name)
      .toSorted(),
  ).toEqual(testTitles().toSorted())
})

test('every row says what holds, how it is changed, what privileged makes of it, where it comes from, and for whom', () => {
  expect(rows().filter((cells) => cells.length !== columns || cells.includes(''))).toEqual([])
})
