import { expect, test } from 'vitest'
import { printable, truncate } from '../../src/render/printable.ts'
import { renderTable } from '../../src/render/table.ts'
import { wrap } from '../../src/render/wrap.ts'

test('columns are as wide as their widest cell', async () => {
  const rows = [
    ['a', 'longer', ''],
    ['bcd', 'x', 'end'],
  ]
  expect(await renderTable(['ONE', 'TWO', 'THREE'], rows)).toBe('ONE   TWO      THREE\na     longer\nbcd   x        end\n')
})

test('wide and combining characters count as the terminal shows them', async () => {
  expect(
    await renderTable(undefined, [
      ['日本', 'x'],
      ['e\u0301ab', 'y'],
      ['abcd', 'z'],
    ]),
  ).toBe('日本   x\ne\u0301ab    y\nabcd   z\n')
})

test('control characters are shown, not obeyed', () => {
  expect(printable('a\u001b[31m\n\tb\u0085')).toBe(String.raw`a\x1b[31m\n\tb\x85`)
})

test('what is too long is cut', () => {
  expect(truncate('abcdef', 6)).toBe('abcdef')
  expect(truncate('abcdefg', 6)).toBe('abcde…')
})

test('text is wrapped at spaces', () => {
  expect(wrap('one two three', { width: 7, indent: 2 })).toBe('one two\n  three')
  expect(wrap('unbreakable', { width: 4 })).toBe('unbreakable')
})
