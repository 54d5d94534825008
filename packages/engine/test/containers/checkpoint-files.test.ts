import { existsSync, mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkpointFiles, checkpointTimes, noteRestored, settleCheckpoint } from '../../src/containers/checkpoint-files.ts'
import { containerFiles } from '../../src/containers/files.ts'
import type { ContainerRow } from '../../src/state/record.ts'

function container(): ReturnType<typeof containerFiles> {
  const directory = mkdtempSync(join(tmpdir(), 'podwright-checkpoint-'))
  const files = containerFiles({ containers: directory, locks: directory } as Parameters<typeof containerFiles>[0], 'abc')
  mkdirSync(files.directory)
  return files
}

function dump(files: ReturnType<typeof containerFiles>, log: string): void {
  const { unfinished } = checkpointFiles(files)
  mkdirSync(unfinished)
  writeFileSync(join(unfinished, 'inventory.img'), '')
  writeFileSync(join(unfinished, 'dump.log'), log)
}

const finished = '(00.1) Writing stats\n(00.2) Dumping finished successfully\n'

test('what CRIU has not finished is no checkpoint, and does not replace the one before', () => {
  const files = container()
  dump(files, '(00.1) Error (criu/vdso.c:1): no\n')
  expect(settleCheckpoint(files)).toBe(false)

  const other = container()
  dump(other, finished)
  expect(settleCheckpoint(other)).toBe(true)
  dump(other, '(00.1) Dumping')
  expect(settleCheckpoint(other)).toBe(true)
  expect(existsSync(checkpointFiles(other).directory)).toBe(true)
})

test('one that was finished counts even when its maker was killed; its log stays when it is to be kept', () => {
  for (const keep of [false, true]) {
    const files = container()
    dump(files, finished)
    expect(settleCheckpoint(files, { keep })).toBe(true)
    expect(existsSync(join(checkpointFiles(files).directory, 'dump.log'))).toBe(keep)
  }
})

test('times are those of the last run', () => {
  const files = container()
  dump(files, finished)
  settleCheckpoint(files)
  utimesSync(join(checkpointFiles(files).directory, 'inventory.img'), 100, 100)
  const row = (status: string, startedAt: number): ContainerRow => ({ status, startedAt }) as ContainerRow
  expect(checkpointTimes(row('exited', 99_000), files)).toEqual({ checkpointedAt: new Date(100_000) })
  expect(checkpointTimes(row('running', 99_000), files)).toBeUndefined()
  expect(checkpointTimes(row('exited', 101_000), files)).toBeUndefined()
  noteRestored(files)
  expect(checkpointTimes(row('running', 99_000), files)?.restoredAt).toBeInstanceOf(Date)
  expect(settleCheckpoint(files)).toBe(false)
})
