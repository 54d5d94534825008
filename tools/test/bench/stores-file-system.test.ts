import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStoresFileSystem } from '../../bench/stores-file-system.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stores-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const isMounted = (): boolean => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${directory} `)

test('stores are never on a file system where what was deleted still costs, unless that is waited for', () => {
  {
    using fileSystem = openStoresFileSystem(directory)
    // What is mounted here is mounted because the other one is of that kind; without root there is only the wait.
    // Where a mount is needed and can’t be made (no root, no room), deletions are waited for.
    expect([0, 61_000]).toContain(fileSystem.settleMs)
    if (isMounted()) expect(fileSystem.settleMs).toBe(0)
    writeFileSync(join(directory, 'file'), 'of a contender')
    expect(readdirSync(directory)).toContain('file')
  }
  expect(isMounted()).toBe(false)
  expect(readdirSync(dirname(directory)).filter((name) => name.startsWith(`${basename(directory)}.`))).toEqual([])
})
