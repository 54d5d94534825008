import { closeSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { syncFileSystem } from '../src/sync-file-system.ts'

test('syncFileSystem takes a descriptor of any file or directory, and refuses what is none', () => {
  const fd = openSync(tmpdir(), 'r')
  syncFileSystem(fd)
  closeSync(fd)
  expect(() => syncFileSystem(9999)).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'syncfs' }))
})
