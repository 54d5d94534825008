import { closeSync, constants, lstatSync, mkdtempSync, openSync, read, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { makeFifo, openFifo, setPipeCapacity } from '../src/index.ts'

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

test('an end of a FIFO is opened without the other one, and waits for what comes through it then', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'podwright-fifo-'))
  const path = join(directory, 'fifo')
  try {
    makeFifo(path)
    expect(() => openFifo(path, 'write')).toThrow(expect.objectContaining({ code: 'ENXIO' }))
    const reads = openFifo(path, 'read')
    expect(readSync(reads, Buffer.alloc(1))).toBe(0)
    const writes = openFifo(path, 'write')
    // Without a wait it would be EAGAIN.
    const byte = promisify(read)(reads, Buffer.alloc(1), 0, 1, null)
    await sleep(50)
    writeSync(writes, 'x')
    expect((await byte).bytesRead).toBe(1)
    for (const fd of [reads, writes]) closeSync(fd)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
