import { closeSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { syncFileSystem, syncFileSystemAsync } from '../src/sync-file-system.ts'

test('syncFileSystem takes a descriptor of any file or directory, and refuses what is none', () => {
  const fd = openSync(tmpdir(), 'r')
  syncFileSystem(fd)
  closeSync(fd)
  expect(() => syncFileSystem(9999)).toThrow(expect.objectContaining({ code: 'EBADF', syscall: 'syncfs' }))
})

test('syncFileSystemAsync does so while the thread goes on', async () => {
  const fd = openSync('.', 'r')
  const order: string[] = []
  const synced = syncFileSystemAsync(fd).then(() => order.push('synced'))
  order.push('went on')
  await synced
  closeSync(fd)
  expect(order).toEqual(['went on', 'synced'])
  await expect(syncFileSystemAsync(9999)).rejects.toMatchObject({ code: 'EBADF', syscall: 'syncfs' })
})
