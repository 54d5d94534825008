import type { NamespaceExecutor } from '@podwright/contracts'
import { storageDriverSuite, type StorageDriverSuiteOptions } from '@podwright/conformance'
import { digestOf } from '@podwright/oci'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createFuseOverlayfsDriver, createOverlayDriver, createVfsDriver } from '../src/index.ts'
import { unpackTask } from '../src/tasks/tasks.ts'
import { endNamespaces, hostExecutor, isRoot, whyNoNamespace } from './fixtures/host.ts'

const home = mkdtempSync(join(tmpdir(), 'podwright-conformance-'))
const state = join(home, 'state')
const namespace = hostExecutor(state)
const skip = await whyNoNamespace(namespace)
if (skip !== undefined) process.stderr.write(`skipped, storage drivers: ${skip}\n`)

const session = skip === undefined ? await namespace.open() : undefined
// Each test has a few tasks; a worker for each would take most of the time.
const shared: NamespaceExecutor = session === undefined ? namespace : { ...namespace, run: session.run.bind(session) }

const unpack: StorageDriverSuiteOptions['unpack'] = async (tar, directory, { whiteouts, xattrs }) => {
  const blobPath = join(home, 'layer.tar')
  writeFileSync(blobPath, tar)
  const staging = mkdtempSync(join(home, 'staging-'))
  const diffId = digestOf(tar)
  await shared.run(unpackTask, {
    blobPath,
    directory: staging,
    layer: { chainId: diffId, diffId, parent: null },
    whiteouts: whiteouts === 'overlay' ? 'overlay' : 'keep',
    overlayXattrs: xattrs,
    skipDevices: !isRoot,
    minFreeBytes: 0,
  })
  rmSync(directory, { recursive: true })
  renameSync(join(staging, 'diff'), directory)
}

afterAll(async () => {
  await session?.[Symbol.asyncDispose]()
  await endNamespaces(state)
  rmSync(home, { recursive: true, force: true })
})

for (const [name, createDriver] of [
  ['overlay', createOverlayDriver],
  ['fuse-overlayfs', createFuseOverlayfsDriver],
  ['vfs', createVfsDriver],
] as const) {
  storageDriverSuite(`${name}, ${isRoot ? 'root' : 'rootless'}`, {
    createDriver,
    namespace: () => Promise.resolve(shared),
    directory: () => Promise.resolve(mkdtempSync(join(home, `${name}-`))),
    unpack,
    devices: isRoot,
    skip,
  })
}
