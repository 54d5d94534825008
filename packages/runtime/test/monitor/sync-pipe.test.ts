import { expect, test } from 'vitest'
import { readSyncPipe } from '../../src/monitor/sync-pipe.ts'

/** A pipe that gives these, one a read, then its end. */
function pipeOf(...chunks: readonly string[]): Parameters<typeof readSyncPipe>[0] {
  const left = chunks.map((chunk) => Buffer.from(chunk))
  return { read: () => Promise.resolve(left.shift()) }
}

test('messages come in order, however they are cut', async () => {
  const pipe = readSyncPipe(pipeOf('{"da', 'ta":42}\n{"data":-1,"message":"bad \\"thing\\""}\nnoise\n{"exit_code":7}'))
  // Asked for before the one before it has come.
  const [first, second] = [pipe.next(), pipe.next()]
  expect(await first).toEqual({ value: 42, message: '' })
  expect(await second).toEqual({ value: -1, message: 'bad "thing"' })
  expect(await pipe.next()).toEqual({ value: 7, message: '' })
  expect(await pipe.next()).toBeUndefined()
})

test('an end without a message', async () => {
  expect(await readSyncPipe(pipeOf()).next()).toBeUndefined()
})
