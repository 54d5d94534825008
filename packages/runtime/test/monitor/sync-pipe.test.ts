import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { readSyncPipe } from '../../src/monitor/sync-pipe.ts'

test('messages come in order, however they are cut', async () => {
  const stream = new PassThrough()
  const pipe = readSyncPipe(stream)
  const first = pipe.next()
  stream.write('{"da')
  stream.write('ta":42}\n{"data":-1,"message":"bad \\"thing\\""}\nnoise\n{"exit_code":7}')
  expect(await first).toEqual({ value: 42, message: '' })
  expect(await pipe.next()).toEqual({ value: -1, message: 'bad "thing"' })
  const last = pipe.next()
  stream.end()
  expect(await last).toEqual({ value: 7, message: '' })
  expect(await pipe.next()).toBeUndefined()
})

test('an end without a message', async () => {
  const stream = new PassThrough()
  const waiting = readSyncPipe(stream).next()
  stream.destroy()
  expect(await waiting).toBeUndefined()
})
