import { closeSync, constants, lstatSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFifo, setPipeCapacity } from '../src/index.ts'

test('a FIFO is its owner’s alone, and holds as much as it is told to', () => {
  const directory = mkdtempSync(join(tmpdir(), 'podwright-fifo-'))
  const path = join(directory, 'fifo')
  try {
    makeFifo(path)
    expect(lstatSync(path).isFIFO()).toBe(true)
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
    expect(() => makeFifo(path)).toThrow(expect.objectContaining({ code: 'EEXIST' }))
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    expect(setPipeCapacity(fd, 262_144)).toBe(true)
    expect(writeSync(fd, Buffer.alloc(1 << 20))).toBe(262_144)
    closeSync(fd)
    const file = openSync(join(directory, 'file'), 'w')
    expect(setPipeCapacity(file, 262_144)).toBe(false)
    closeSync(file)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
