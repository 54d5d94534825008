import { storageDriverSuite, type StorageDriverSuiteOptions } from '@podwright/conformance'
import { digestOf } from '@podwright/oci'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createFuseOverlayfsDriver, createOverlayDriver, createVfsDriver, openExecutableDriver } from '../src/index.ts'
import { unpackTask } from '../src/tasks/tasks.ts'
import { isRoot } from './fixtures/host.ts'
import { testExecutor } from './fixtures/test-executor.ts'

const home = mkdtempSync(join(tmpdir(), 'podwright-conformance-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const unpack: StorageDriverSuiteOptions['unpack'] = async (tar, directory, { whiteouts, xattrs }) => {
  const blobPath = join(home, 'layer.tar')
  writeFileSync(blobPath, tar)
  const staging = mkdtempSync(join(home, 'staging-'))
  const diffId = digestOf(tar)
  await testExecutor.run(unpackTask, {
    blobPath,
    directory: staging,
    layer: { chainId: diffId, diffId, parent: null },
    whiteouts: whiteouts === 'overlay' ? 'overlay' : 'keep',
    overlayXattrs: xattrs,
    skipDevices: !isRoot,
    minFreeBytes: 0,
    lowerDirectories: [],
  })
  rmSync(directory, { recursive: true })
  renameSync(join(staging, 'diff'), directory)
}

// A driver that is a program.
const program = join(import.meta.dirname, '../../../e2e/fixtures/storage-driver.py')
const createProgramDriver = await openExecutableDriver({ name: 'program', command: ['python3', program] })

for (const [name, createDriver] of [
  ['overlay', createOverlayDriver],
  ['fuse-overlayfs', createFuseOverlayfsDriver],
  ['vfs', createVfsDriver],
  ['program', createProgramDriver],
] as const) {
  storageDriverSuite(`${name}, ${isRoot ? 'root' : 'rootless'}`, {
    createDriver,
    namespace: () => Promise.resolve(testExecutor),
    directory: () => Promise.resolve(mkdtempSync(join(home, `${name}-`))),
    unpack,
    devices: isRoot,
  })
}
