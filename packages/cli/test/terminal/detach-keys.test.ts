import { expect, test } from 'vitest'
import { parseDetachKeys } from '../../src/terminal/detach-keys.ts'

test.each([
  ['', []],
  ['a', [97]],
  ['ctrl-p,ctrl-q', [16, 17]],
  ['CTRL-A', [1]],
  ['ctrl-@,x', [0, 120]],
  ['ctrl-[', [27]],
  ['ctrl-\\,ctrl-]', [28, 29]],
  ['ctrl-^,ctrl-_', [30, 31]],
  ['!', [33]],
])('%s', (text, bytes) => {
  expect([...parseDetachKeys(text)]).toEqual(bytes)
})

test.each(['ctrl-', 'ctrl-1', 'ab', 'a,,b', 'é', 'alt-x'])('%s is refused', (text) => {
  expect(() => parseDetachKeys(text)).toThrowError(expect.objectContaining({ code: 'ERR_CLI_FLAG_VALUE' }) as Error)
})
