import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readLog, type ReadLogOptions } from '../../src/index.ts'
import { makeTemporary } from '../support/temporary.ts'

const makePath = (): string => join(makeTemporary(), 'ctr.log')
const time = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString().replace('Z', '123456+00:00')
const line = (second: number, text: string, tag = 'F', stream = 'stdout'): string => `${time(second)} ${stream} ${tag} ${text}\n`

async function read(path: string, options: ReadLogOptions = {}): Promise<string[]> {
  const found: string[] = []
  for await (const { stream, data } of readLog(path, options)) found.push(`${stream}:${Buffer.from(data).toString('latin1')}`)
  return found
}

test('times, streams and bytes', async () => {
  const path = makePath()
  writeFileSync(path, Buffer.concat([Buffer.from(`${time(1)} stderr F a\xff`, 'latin1'), Buffer.from([0, 10]), Buffer.from(line(2, ''))]))
  const entries = []
  for await (const entry of readLog(path)) entries.push(entry)
  expect(entries.map(({ stream, data }) => [stream, [...data]])).toEqual([
    ['stderr', [0x61, 0xff, 0, 10]],
    ['stdout', [10]],
  ])
  expect(entries[0]?.time).toEqual(new Date('2026-01-01T00:00:01.000Z'))
})

test('partial lines come as pieces', async () => {
  const path = makePath()
  writeFileSync(path, line(1, 'one ', 'P') + line(1, 'line') + line(2, 'no end', 'P'))
  expect(await read(path)).toEqual(['stdout:one ', 'stdout:line\n', 'stdout:no end'])
})

test('what is no entry is left out, a line being written too', async () => {
  const path = makePath()
  writeFileSync(path, `${line(1, 'a')}garbage\n\0\0\0\n${line(2, 'b')}2026-01-01T00:00:03 stdout F cut`)
  expect(await read(path)).toEqual(['stdout:a\n', 'stdout:b\n'])
})

test('no log is an empty one', async () => {
  expect(await read(makePath())).toEqual([])
})

test('one that can not be read', async () => {
  await expect(read(tmpdir())).rejects.toMatchObject({ code: 'ERR_LOG_READ' })
})

test.each([0, 1, 2, 3, 4, 5, 100])('the last %i lines', async (tail) => {
  const path = makePath()
  writeFileSync(path, line(1, 'a') + line(2, 'b1', 'P') + line(2, 'b2') + line(3, 'c') + line(4, 'd', 'P'))
  const whole = ['stdout:a\n', 'stdout:b1', 'stdout:b2\n', 'stdout:c\n', 'stdout:d']
  const first = [5, 4, 3, 1, 0][tail] ?? 0
  expect(await read(path, { tail })).toEqual(whole.slice(first))
})

test('the last lines of a long log, with lines longer than a block', async () => {
  const path = makePath()
  const lines = Array.from({ length: 500 }, (_, index) => line(index % 60, `${index} ${'x'.repeat((index * 7919) % 5000)}`))
  lines.splice(250, 0, line(1, 'y'.repeat(200_000)))
  writeFileSync(path, lines.join(''))
  const all = await read(path)
  for (const tail of [1, 7, 100, 251, 252, 500, 501, 502]) expect(await read(path, { tail })).toEqual(all.slice(-tail))
})

test('since and until', async () => {
  const path = makePath()
  writeFileSync(path, [1, 2, 3, 4].map((second) => line(second, String(second))).join(''))
  const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
  expect(await read(path, { since: at(2), until: at(3) })).toEqual(['stdout:2\n', 'stdout:3\n'])
})

test('follows what is written, in pieces, until the end', async () => {
  const path = makePath()
  let ended = false
  const following = read(path, { follow: true, ended: () => ended, pollMs: 10 })
  await sleep(30)
  writeFileSync(path, line(1, 'a'))
  await sleep(30)
  const next = line(2, 'b')
  appendFileSync(path, next.slice(0, 20))
  await sleep(30)
  appendFileSync(path, next.slice(20))
  ended = true
  expect(await following).toEqual(['stdout:a\n', 'stdout:b\n'])
})

test('follows over a rotation and a cut, and loses nothing', async () => {
  const path = makePath()
  writeFileSync(path, line(1, 'old'))
  let ended = false
  const following = read(path, { follow: true, ended: () => ended, pollMs: 10 })
  await sleep(30)
  renameSync(path, `${path}.1`)
  appendFileSync(`${path}.1`, line(2, 'late'))
  await sleep(30)
  writeFileSync(path, line(3, 'new'))
  await sleep(50)
  truncateSync(path)
  appendFileSync(path, line(4, 'x'))
  await sleep(50)
  ended = true
  expect(await following).toEqual(['stdout:old\n', 'stdout:late\n', 'stdout:new\n', 'stdout:x\n'])
})

test('stops following when called off, or when nobody reads on', async () => {
  const path = makePath()
  writeFileSync(path, line(1, 'a'))
  const abort = new AbortController()
  const following = read(path, { follow: true, signal: abort.signal })
  setTimeout(() => abort.abort(new Error('enough')), 20)
  await expect(following).rejects.toThrow('enough')
  for await (const { data } of readLog(path, { follow: true })) {
    expect(Buffer.from(data).toString()).toBe('a\n')
    break
  }
})
