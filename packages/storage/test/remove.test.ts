import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeTree } from '../src/tasks/remove.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'remove-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function grow(path: string): string {
  for (const name of ['a', 'b', 'c']) {
    mkdirSync(join(path, name, 'deep'), { recursive: true })
    for (let index = 0; index < 300; index++) writeFileSync(join(path, name, 'deep', String(index)), '')
  }
  return path
}

test('two that delete the same tree at once both succeed', async () => {
  const path = grow(join(directory, 'tree'))
  // Each gives the thread back every few hundred files, so that they take turns in the middle of it.
  await Promise.all([removeTree(path), removeTree(path), removeTree(path)])
  expect(existsSync(path)).toBe(false)
})

test('what is not there is no error', async () => {
  await expect(removeTree(join(directory, 'nothing'))).resolves.toBeUndefined()
})

test('a closed directory is opened and deleted', async () => {
  const path = grow(join(directory, 'tree'))
  mkdirSync(join(path, 'closed'), { mode: 0o000 })
  await removeTree(path)
  expect(existsSync(path)).toBe(false)
})
