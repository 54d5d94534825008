import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFifo, unreadBytes } from '../src/index.ts'

test('what has been written to a FIFO and not been read', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fifo-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'fifo')
  expect(() => unreadBytes(path)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  makeFifo(path)
  expect(unreadBytes(path)).toBe(0)
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, 'w')
  writeSync(writer, '2 0 0\n')
  expect(unreadBytes(path)).toBe(6)
  // Looked at, and left there.
  expect(unreadBytes(path)).toBe(6)
  expect(readSync(reader, Buffer.alloc(4))).toBe(4)
  expect(unreadBytes(path)).toBe(2)
  for (const fd of [reader, writer]) closeSync(fd)
})
