import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type LockFile, withOptionalPackages } from '../workspace/lock-file.ts'
import { workspaceRoot } from '../workspace/workspace.ts'

const lock = {
  lockfileVersion: 3,
  packages: {
    '': { version: '1.0.0' },
    'node_modules/tool': {
      version: '2.0.0',
      dev: true,
      optionalDependencies: {
        '@tool/linux-x64-gnu': '2.0.0',
        '@tool/linux-arm64-musl': '2.0.0',
        '@tool/win32-x64-msvc': '2.0.0',
        extra: '^1.0.0',
      },
    },
    'node_modules/@tool/linux-x64-gnu': { version: '2.0.0', dev: true, optional: true },
  },
}

test('optional packages of other platforms get an entry, the ones that are there keep theirs', () => {
  const { lock: completed, added } = withOptionalPackages(lock)
  expect(added).toEqual(['node_modules/@tool/linux-arm64-musl', 'node_modules/@tool/win32-x64-msvc'])
  expect(completed.packages['node_modules/@tool/linux-arm64-musl']).toEqual({
    version: '2.0.0',
    cpu: ['arm64'],
    libc: ['musl'],
    os: ['linux'],
    dev: true,
    optional: true,
  })
  expect(completed.packages['node_modules/@tool/linux-x64-gnu']).toBe(lock.packages['node_modules/@tool/linux-x64-gnu'])
  expect(completed).toMatchObject({ lockfileVersion: 3 })
})

test('the lock file of this workspace is complete, so that npm ci takes it', () => {
  const own = JSON.parse(readFileSync(join(workspaceRoot, 'package-lock.json'), 'utf8')) as LockFile
  expect(withOptionalPackages(own).added).toEqual([])
})
