import type { LogEntry } from '@podwright/contracts'
import { expect, test } from 'vitest'
import { mergeLogs } from '../../../src/containers/logging/merge-logs.ts'

async function* log(...lines: readonly (readonly [number, string])[]): AsyncIterable<LogEntry> {
  for (const [time, text] of lines) yield { time: new Date(time), stream: 'stdout', data: Buffer.from(text) }
}

async function merged(...logs: readonly AsyncIterable<LogEntry>[]): Promise<string[]> {
  const found: string[] = []
  for await (const { index, entry } of mergeLogs(logs)) found.push(`${index}:${String(Buffer.from(entry.data))}`)
  return found
}

test('in the order of their times; of the same time, the first log first', async () => {
  expect(await merged(log([1, 'a\n'], [4, 'd\n']), log(), log([2, 'b\n'], [3, 'c\n'], [4, 'e\n'], [9, 'f\n']))).toEqual([
    '0:a\n',
    '2:b\n',
    '2:c\n',
    '0:d\n',
    '2:e\n',
    '2:f\n',
  ])
})

test('a line that was written in pieces stays together', async () => {
  expect(await merged(log([1, 'a'], [5, 'b'], [6, 'c\n'], [7, 'd']), log([2, 'x\n'], [8, 'y\n']))).toEqual([
    '0:a',
    '0:b',
    '0:c\n',
    '1:x\n',
    '0:d',
    '1:y\n',
  ])
})

test('who stops reading closes all logs', async () => {
  let closed = 0
  async function* endless(): AsyncIterable<LogEntry> {
    try {
      for (let time = 0; ; time++) yield { time: new Date(time), stream: 'stdout', data: Buffer.from('x\n') }
    } finally {
      closed++
    }
  }
  for await (const { index } of mergeLogs([endless(), endless()])) if (index === 1) break
  expect(closed).toBe(2)
})
