import { PodwrightError } from '@podwright/conventions'
import { expect, test } from 'vitest'
import { exitCodeOf } from '../../src/exit-codes.ts'
import { renderError } from '../../src/render/error.ts'

/** As `await using` makes it, also where there is no such class. */
function suppressed(reason: unknown, atTheEnd: unknown): Error {
  return Object.assign(new Error(''), { name: 'SuppressedError', error: atTheEnd, suppressed: reason })
}

test('the reason is told before what could not be given back', () => {
  const error = suppressed(new PodwrightError('ERR_RUNTIME_COMMAND_NOT_FOUND', 'no such command'), new Error('cannot unlock'))
  expect(renderError(error, 'warning')).toBe('Error: no such command\nError: cannot unlock\n')
  expect(exitCodeOf(error)).toBe(127)
})

test('however deep', () => {
  const error = suppressed(suppressed(new Error('reason'), new Error('second')), new AggregateError([new Error('third'), 'fourth']))
  expect(renderError(error, 'warning').trim().split('\n')).toEqual(['Error: reason', 'Error: second', 'Error: third', 'Error: fourth'])
})
