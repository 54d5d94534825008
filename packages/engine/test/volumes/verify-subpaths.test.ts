import { mountOf } from '@podwright/linux'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { verifySubpaths } from '../../src/volumes/verify-subpaths.ts'

const volume = mkdtempSync(join(tmpdir(), 'pw-part-'))
afterAll(() => rmSync(volume, { recursive: true }))

test('a part that a process does not have mounted is told of', () => {
  expect(() => verifySubpaths(process.pid, [{ volume, path: '/part' }])).toThrow(
    expect.objectContaining({ code: 'ERR_CONTAINER_MOUNT_SOURCE', message: expect.stringContaining('it was changed meanwhile') }),
  )
})

test('what it has mounted passes, as often as it has it', () => {
  // As a part of what is above it, the mount that the directory lies on is itself.
  const target = mountOf(volume)?.target ?? '/'
  expect(() => verifySubpaths(process.pid, [{ volume: target, path: '' }])).not.toThrow()
  const twice = Array.from({ length: 100 }, () => ({ volume: target, path: '' }))
  expect(() => verifySubpaths(process.pid, twice)).toThrow('it was changed meanwhile')
})

test('a process that is gone has nothing', () => {
  expect(() => verifySubpaths(2 ** 30, [{ volume, path: '/part' }])).toThrow('it was changed meanwhile')
})
