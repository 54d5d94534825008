import { expect, test } from 'vitest'
import { parseSignal, signalName } from '../src/index.ts'

test.each([
  ['SIGTERM', 15],
  ['TERM', 15],
  ['term', 15],
  [' sigkill ', 9],
  ['15', 15],
  [9, 9],
  ['RTMIN', 34],
  ['RTMIN+3', 37],
  ['SIGRTMAX-2', 62],
  ['rtmax', 64],
])('%s is %i', (text, number) => {
  expect(parseSignal(text)).toBe(number)
})

test.each(['', 'SIG', 'NOPE', '0', '65', '-1', 'RTMIN-1', 'RTMAX+1', '1.5', 'RTMIN+99'])('%s is none', (text) => {
  expect(() => parseSignal(text)).toThrow(expect.objectContaining({ code: 'ERR_SIGNAL_UNKNOWN' }))
})

test('names', () => {
  expect([1, 9, 15, 34, 37, 64].map(signalName)).toEqual(['SIGHUP', 'SIGKILL', 'SIGTERM', 'SIGRTMIN', 'SIGRTMIN+3', 'SIGRTMIN+30'])
  expect(() => signalName(33)).toThrow(expect.objectContaining({ code: 'ERR_SIGNAL_UNKNOWN' }))
})
