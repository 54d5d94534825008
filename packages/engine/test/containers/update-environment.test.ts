import { expect, test } from 'vitest'
import { updatedEnvironment } from '../../src/containers/update-environment.ts'

const before = { environment: ['PATH=/bin', 'A=1', 'B=2'], tuning: undefined }

test('variables are set in their places, and those that go do not come back', () => {
  expect(updatedEnvironment(before, { environment: { A: '=3', C: '' } })).toEqual({
    ...before,
    environment: ['PATH=/bin', 'A==3', 'B=2', 'C='],
  })
  const without = updatedEnvironment(before, { unsetEnvironment: ['PATH', 'B'] })
  expect(without).toEqual({ environment: ['A=1'], tuning: { unsetEnvironment: ['PATH', 'B'] } })
  const again = updatedEnvironment(without, { environment: { B: '4' }, unsetEnvironment: ['A'] })
  expect(again).toEqual({ environment: ['B=4'], tuning: { unsetEnvironment: ['PATH', 'A'] } })
  const all = { environment: ['A=1'], tuning: { unsetEnvironment: 'all', umask: 0 } } as const
  expect(updatedEnvironment(all, { environment: { B: '4' } })).toEqual({ environment: ['A=1', 'B=4'], tuning: all.tuning })
})
