import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readExit, waitExit } from '../src/index.ts'
import { makeTemporary } from './support/temporary.ts'

test.each([
  ['0', 0],
  ['137\n', 137],
  ['', -1],
  ['what', -1],
])('reads %j as %i', async (text, exitCode) => {
  const directory = makeTemporary()
  writeFileSync(join(directory, 'id'), text)
  expect(readExit(directory, 'id')).toMatchObject({ exitCode, finishedAt: expect.any(Date) })
})

test('there is none yet', async () => {
  expect(readExit(makeTemporary(), 'id')).toBeUndefined()
  expect(readExit('/no/such/directory', 'id')).toBeUndefined()
})

test('waits for the file, in a directory that can be watched or not', async () => {
  const directory = makeTemporary()
  const waits = [waitExit(directory, 'id', { pollMs: 60_000 }), waitExit(`${directory}/./`, 'id', { pollMs: 5 })]
  writeFileSync(join(directory, 'id.tmp'), '3')
  setTimeout(() => renameSync(join(directory, 'id.tmp'), join(directory, 'id')), 30)
  expect((await Promise.all(waits)).map(({ exitCode }) => exitCode)).toEqual([3, 3])
})

test('an exit that nobody can tell any more is unknown', async () => {
  let containerAlive = 3
  const options = { pollMs: 1, monitorAlive: () => false, containerAlive: () => (containerAlive -= 1) > 0 }
  expect(await waitExit(makeTemporary(), 'id', options)).toMatchObject({ exitCode: -1 })
  expect(containerAlive).toBe(0)
})

test('a file that is written at the last moment counts', async () => {
  const directory = makeTemporary()
  const monitorAlive = (): boolean => {
    writeFileSync(join(directory, 'id'), '5')
    return false
  }
  expect(await waitExit(directory, 'id', { monitorAlive })).toMatchObject({ exitCode: 5 })
})

test('can be called off', async () => {
  const abort = new AbortController()
  const waiting = waitExit(makeTemporary(), 'id', { signal: abort.signal })
  setTimeout(() => abort.abort(new Error('enough')), 10)
  await expect(waiting).rejects.toThrow('enough')
})
