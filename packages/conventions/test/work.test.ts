import { describe, expect, test } from 'vitest'
import { emitProgress, systemClock, tearDown } from '../src/index.ts'

describe('tearDown', () => {
  test('takes every step, in order, though some fail', async () => {
    const taken: number[] = []
    const step = (number: number, fails: boolean) => () => {
      taken.push(number)
      if (fails) throw new Error(`step ${number}`)
    }
    await expect(tearDown([step(1, true), step(2, false), step(3, true)])).rejects.toMatchObject({
      errors: [{ message: 'step 1' }, { message: 'step 3' }],
    })
    expect(taken).toEqual([1, 2, 3])
  })

  test('a single failure comes as it is', async () => {
    const failure = new Error('alone')
    await expect(tearDown([() => Promise.reject(failure), () => undefined])).rejects.toBe(failure)
  })
})

describe('emitProgress', () => {
  test('a listener that throws breaks nothing', () => {
    const seen: string[] = []
    emitProgress((event: string) => {
      seen.push(event)
      throw new Error('the listener’s own fault')
    }, 'start')
    emitProgress(undefined, 'nobody listens')
    expect(seen).toEqual(['start'])
  })
})

describe('systemClock.sleep', () => {
  test('rejects with the reason when it is called off, before or meanwhile', async () => {
    const reason = new Error('enough')
    await expect(systemClock.sleep(60_000, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const sleeping = systemClock.sleep(60_000, { signal: controller.signal })
    controller.abort(reason)
    await expect(sleeping).rejects.toBe(reason)
  })

  test('resolves by itself', async () => {
    await expect(systemClock.sleep(1, { signal: new AbortController().signal })).resolves.toBeUndefined()
  })
})
