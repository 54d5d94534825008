import { PodwrightError } from '@podwright/conventions'
import { expect, test } from 'vitest'
import { renderError } from '../../src/render/error.ts'

const error = new PodwrightError('ERR_REGISTRY_UNAUTHORIZED', 'cannot pull a/b: the registry wants credentials', {
  hint: 'Give --authfile.',
  cause: new Error('401'),
  details: { status: 401 },
})

test('the message, then the hint', () => {
  expect(renderError(error, 'warning')).toBe('Error: cannot pull a/b: the registry wants credentials\nGive --authfile.\n')
})

test('codes, details, causes and stacks with debug', () => {
  const text = renderError(error, 'debug')
  expect(text).toContain('[ERR_REGISTRY_UNAUTHORIZED]')
  expect(text).toContain('details: {"status":401}')
  expect(text).toContain('caused by: Error: 401')
  expect(text).toContain('error.test.ts')
})

test('every error of several', () => {
  expect(renderError(new AggregateError([error, new Error('other')]), 'warning')).toBe(
    'Error: cannot pull a/b: the registry wants credentials\nGive --authfile.\nError: other\n',
  )
})

test('a causal circle ends', () => {
  const circle = new Error('round')
  circle.cause = circle
  expect(renderError(circle, 'debug').match(/caused by/g)).toHaveLength(7)
})

test('what a registry says is shown, not obeyed', () => {
  expect(renderError(new Error('denied: \u001b]0;x\u0007\nsecond line'), 'warning')).toBe('Error: denied: \\x1b]0;x\\x07\nsecond line\n')
})
