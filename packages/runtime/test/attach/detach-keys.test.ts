import { describe, expect, test } from 'vitest'
import { parseDetachKeys } from '../../src/index.ts'
import { DetachKeyScanner } from '../../src/attach/detach-keys.ts'

test.each([
  ['ctrl-p,ctrl-q', [0x10, 0x11]],
  ['CTRL-P, ctrl-Q', [0x10, 0x11]],
  ['a,b,c', [0x61, 0x62, 0x63]],
  ['ctrl-@', [0]],
  ['ctrl-[', [0x1b]],
  ['ctrl-_', [0x1f]],
  ['', []],
])('%j', (text, bytes) => {
  expect([...parseDetachKeys(text)]).toEqual(bytes)
})

test.each(['ctrl-1', 'ab', 'ctrl-', 'é', 'a,,b'])('%j is no sequence', (text) => {
  expect(() => parseDetachKeys(text)).toThrow(expect.objectContaining({ code: 'ERR_DETACH_KEYS' }))
})

describe('scanning', () => {
  const scanAll = (keys: string, chunks: readonly string[]): { text: string; detached: boolean; rest: string } => {
    const scanner = new DetachKeyScanner(Buffer.from(keys))
    let text = ''
    for (const chunk of chunks) {
      const { pass, detached } = scanner.scan(Buffer.from(chunk))
      text += Buffer.from(pass).toString()
      if (detached) return { text, detached, rest: '' }
    }
    return { text, detached: false, rest: Buffer.from(scanner.rest()).toString() }
  }

  test.each([
    ['PQ', ['abc'], { text: 'abc', detached: false, rest: '' }],
    ['PQ', ['abPQcd'], { text: 'ab', detached: true, rest: '' }],
    ['PQ', ['abP', 'Qcd'], { text: 'ab', detached: true, rest: '' }],
    ['PQ', ['abP', 'xQ'], { text: 'abPxQ', detached: false, rest: '' }],
    ['PQ', ['PPPQ'], { text: 'PP', detached: true, rest: '' }],
    ['PQ', ['abP'], { text: 'ab', detached: false, rest: 'P' }],
    ['PPQ', ['PP', 'P', 'Q'], { text: 'P', detached: true, rest: '' }],
    ['ABAC', ['ABABAC'], { text: 'AB', detached: true, rest: '' }],
    ['ABAC', ['A', 'B', 'A', 'B', 'x'], { text: 'ABABx', detached: false, rest: '' }],
    ['', ['PQ'], { text: 'PQ', detached: false, rest: '' }],
    ['P', ['abPcd'], { text: 'ab', detached: true, rest: '' }],
  ])('%j in %j', (keys, chunks, expected) => {
    expect(scanAll(keys, chunks)).toEqual(expected)
  })
})
