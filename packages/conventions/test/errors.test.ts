import { describe, expect, test } from 'vitest'
import { isPodwrightError, messageOf, PodwrightError, systemCodeOf } from '../src/index.ts'

class StoreError extends PodwrightError<'ERR_A' | 'ERR_B'> {}

describe('PodwrightError', () => {
  test('carries code, hint, details and cause, and is named after its class', () => {
    const cause = new Error('below')
    const error = new StoreError('ERR_A', 'above', { cause, hint: 'do this', details: { size: 1 }, retryable: true })
    expect(error).toMatchObject({
      name: 'StoreError',
      code: 'ERR_A',
      message: 'above',
      hint: 'do this',
      retryable: true,
      details: { size: 1 },
      cause,
    })
  })

  test('has defaults for what is not given', () => {
    expect(new StoreError('ERR_B', 'x')).toMatchObject({ hint: undefined, retryable: false, details: {} })
    expect('cause' in new StoreError('ERR_B', 'x')).toBe(false)
  })
})

describe('isPodwrightError', () => {
  test('tells by code', () => {
    const error = new StoreError('ERR_A', 'x')
    expect(isPodwrightError(error)).toBe(true)
    expect(isPodwrightError(error, 'ERR_A')).toBe(true)
    expect(isPodwrightError(error, 'ERR_B')).toBe(false)
  })

  test('knows the errors of another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { code: 'ERR_A' })
    Object.defineProperty(foreign, Symbol.for('podwright.error'), { value: true })
    expect(isPodwrightError(foreign, 'ERR_A')).toBe(true)
  })

  test.each([new Error('x'), Object.assign(new Error('x'), { code: 'ERR_A' }), { code: 'ERR_A' }, null, undefined, 'ERR_A'])(
    '%o is none',
    (value) => {
      expect(isPodwrightError(value)).toBe(false)
    },
  )
})

test('messageOf and systemCodeOf take whatever was thrown', () => {
  expect(messageOf(new Error('x'))).toBe('x')
  expect(messageOf('text')).toBe('text')
  expect(systemCodeOf(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe('ENOENT')
  expect(systemCodeOf(Object.assign(new Error('x'), { code: 5 }))).toBeUndefined()
  expect(systemCodeOf('x')).toBeUndefined()
})
