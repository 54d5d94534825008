import { readTar } from '@podwright/archive'
import { runTool } from '@podwright/linux'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Storage } from '@podwright/contracts'
import { code, contents } from './fixtures/assertions.ts'
import { isRoot } from './fixtures/host.ts'
import { imageOf, storeImage, tar } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'

const a = 'example.org/a:1'
const layers = [
  tar([{ name: 'etc/' }, { name: 'etc/a', content: 'a' }, { name: 'etc/b', content: 'b' }]),
  tar([{ name: 'etc/' }, { name: 'etc/.wh.b' }, { name: 'etc/c', content: 'c' }]),
]
const history = [{ created_by: 'one' }, { created_by: 'nothing', empty_layer: true }, { created_by: 'two', comment: 'hm' }]

async function namesIn(bytes: AsyncIterable<Uint8Array>): Promise<string[]> {
  const names: string[] = []
  for await (const entry of readTar(bytes)) names.push(Buffer.from(entry.name).toString())
  return names.toSorted()
}

/** Runs a script in a snapshot's tree. */
async function inTree(storage: Storage, key: string, script: string): Promise<void> {
  const { path } = await storage.mountSnapshot(key, { owner: 'test' })
  await runTool('sh', ['-c', script], { cwd: path })
  await storage.unmountSnapshot(key, { owner: 'test' })
}

const drivers = isRoot ? ['overlay', 'vfs'] : ['vfs']
if (!isRoot) process.stderr.write('skipped, trees of overlay: rootless, the tests can not write to what is mounted inside the namespace\n')

describe.skipIf(!isRoot).each(drivers)('with the driver %s', (driver) => {
  test('a commit has what changed, and its layer is as it would be unpacked', async () => {
    using place = scratch()
    await using storage = await place.open({ driver })
    const image = await storeImage(storage, a, imageOf(layers, { history, config: { Cmd: ['x'] } }))
    await storage.prepareSnapshot('k', { image })
    await inTree(storage, 'k', 'rm etc/a; echo new > etc/new; mkdir -m 1777 tmp; ln etc/new etc/hard; echo cc >> etc/c')
    expect(await storage.diffTree({ snapshot: 'k' })).toEqual([
      { kind: 'changed', path: '/etc' },
      { kind: 'deleted', path: '/etc/a' },
      { kind: 'changed', path: '/etc/c' },
      { kind: 'added', path: '/etc/hard' },
      { kind: 'added', path: '/etc/new' },
      { kind: 'added', path: '/tmp' },
    ])
    const made = await storage.commitSnapshot('k', {
      names: ['example.org/made:1', 'example.org/made:2'],
      message: 'a message',
      author: 'somebody',
      changeConfig: (config) => ({ ...config, config: { ...config.config, Cmd: ['y'] } }),
    })
    expect(made.names).toEqual(['example.org/made:1', 'example.org/made:2'])
    expect(await storage.imageConfig(made.id)).toMatchObject({
      author: 'somebody',
      config: { Cmd: ['y'] },
      history: [...history, { comment: 'a message', author: 'somebody' }],
    })
    expect(await storage.diffTree({ image: made.id })).toEqual(await storage.diffTree({ snapshot: 'k' }))
    expect(await storage.diffTree({ snapshot: 'k' }, { against: { image: made.id } })).toEqual([])
    const steps = await storage.imageHistory(made.id)
    expect(steps.map(({ createdBy, id, layer }) => [createdBy, id, layer !== undefined])).toEqual([
      ['', made.id, true],
      ['two', image, true],
      ['nothing', undefined, false],
      ['one', undefined, true],
    ])
    expect(await storage.check({ full: true })).toMatchObject({ findings: [], healthy: true })
    await storage.removeSnapshot('k')
    expect(await namesIn(storage.exportTree({ image: made.id }))).toEqual(['./', 'etc/', 'etc/c', 'etc/hard', 'etc/new', 'tmp/'])
    expect(contents(storage.root)).toMatchObject({ snapshots: 0, leases: 0, ingest: 0, trash: 0 })
  })

  test('a commit that consumes ends the snapshot', async () => {
    using place = scratch()
    await using storage = await place.open({ driver })
    const image = await storeImage(storage, a, imageOf(layers))
    await storage.prepareSnapshot('k', { image })
    await inTree(storage, 'k', 'rm etc/a; mkdir etc/d; echo > etc/d/e; ln -s x etc/s; mkfifo etc/f')
    await storage.mountSnapshot('k', { owner: 'test' })
    await expect(storage.commitSnapshot('k', { consume: true })).rejects.toSatisfy(code('ERR_SNAPSHOT_MOUNTED'))
    await storage.unmountSnapshot('k', { owner: 'test' })
    const made = await storage.commitSnapshot('k', { consume: true })
    expect(storage.listSnapshots()).toEqual([])
    expect(contents(storage.root)).toMatchObject({ snapshots: 0, layers: 3, leases: 0, ingest: 0 })
    expect(await storage.check({ full: true })).toMatchObject({ findings: [], healthy: true })
    expect(await namesIn(storage.exportTree({ image: made.id }))).toEqual(['./', 'etc/', 'etc/c', 'etc/d/', 'etc/d/e', 'etc/f', 'etc/s'])
  })

  test('a squashed commit has one layer', async () => {
    using place = scratch()
    await using storage = await place.open({ driver })
    const image = await storeImage(storage, a, imageOf(layers))
    await storage.prepareSnapshot('k', { image })
    const made = await storage.commitSnapshot('k', { squash: true, format: 'docker' })
    expect(made.layers).toHaveLength(1)
    expect(await namesIn(storage.exportTree({ image: made.id }))).toEqual(['./', 'etc/', 'etc/a', 'etc/c'])
    expect(await storage.diffTree({ image: made.id }, { against: { image } })).toEqual([])
  })

  test('an export of what is written comes back by an import', async () => {
    using place = scratch()
    await using storage = await place.open({ driver })
    const image = await storeImage(storage, a, imageOf(layers))
    await storage.prepareSnapshot('k', { image })
    await inTree(storage, 'k', 'head -c 3000000 /dev/urandom > big; chown 5:6 big; chmod 4755 big')
    const parts: Uint8Array[] = []
    for await (const chunk of storage.exportTree({ snapshot: 'k' })) parts.push(Buffer.from(chunk))
    const packed = async function* (): AsyncGenerator<Uint8Array> {
      yield gzipSync(Buffer.concat(parts))
    }
    const made = await storage.importTree(packed(), { names: ['example.org/imported:1'], message: 'imported' })
    expect(await storage.diffTree({ image: made.id }, { against: { snapshot: 'k' } })).toEqual([])
    expect(storage.findImage('example.org/imported:1')?.id).toBe(made.id)
  })

  test('an export that is left ends', async () => {
    using place = scratch()
    await using storage = await place.open({ driver })
    const image = await storeImage(storage, a, imageOf([tar([{ name: 'big', content: Buffer.alloc(8_000_000) }])]))
    for await (const chunk of storage.exportTree({ image })) {
      expect(chunk.byteLength).toBeGreaterThan(0)
      break
    }
    expect(contents(storage.root)).toMatchObject({ snapshots: 0, leases: 0, ingest: 0 })
  })

  test('an image is mounted for all who hold it, and unmounted by the last', async () => {
    using place = scratch()
    await using storage = await place.open({ driver })
    const image = await storeImage(storage, a, imageOf(layers))
    const one = await storage.mountImage(image, { owner: 'one' })
    const again = await storage.mountImage(image, { owner: 'one' })
    const two = await storage.mountImage(image, { owner: 'two' })
    expect([again.path, two.path, two.owners]).toEqual([one.path, one.path, ['one', 'two']])
    expect(readdirSync(join(one.path, 'etc'))).toEqual(['a', 'c'])
    expect(() => writeFileSync(join(one.path, 'x'), 'x')).toThrow('EROFS')
    const writable = await storage.mountImage(image, { owner: 'two', readOnly: false })
    writeFileSync(join(writable.path, 'x'), 'x')
    {
      await using other = await place.open({ driver })
      expect(await other.listMounts()).toHaveLength(2)
      expect(other.listSnapshots()).toEqual([])
      await expect(other.removeImage(image)).rejects.toSatisfy(code('ERR_IMAGE_IN_USE'))
      await other.collectGarbage({ minAgeMs: 0, snapshotKeys: new Set() })
      expect(await other.unmountImage(image, { owner: 'one' })).toBe(false)
    }
    expect(readFileSync(join(two.path, 'etc/a'), 'utf8')).toBe('a')
    await expect(storage.unmountImage(image, { owner: 'one' })).rejects.toSatisfy(code('ERR_MOUNT_NOT_FOUND'))
    expect(await storage.unmountImage(image, { owner: 'two' })).toBe(true)
    expect(await storage.listMounts()).toEqual([])
    await storage.mountImage(image, { owner: 'three' })
    expect(await storage.unmountImage(image, { force: true })).toBe(true)
    await storage.removeImage(image)
    expect(contents(storage.root)).toMatchObject({ snapshots: 0, layers: 0, ingest: 0 })
  })

  test('mounts of before a reboot are gone with the next collection', async () => {
    using place = scratch()
    await using storage = await place.open({ driver })
    const image = await storeImage(storage, a, imageOf(layers))
    const { path } = await storage.mountImage(image, { owner: 'one' })
    await runTool('umount', [path])
    const { openDatabase } = await import('@podwright/linux')
    const { storageSchema } = await import('../src/internal/schema.ts')
    {
      using database = await openDatabase(join(storage.root, 'storage.db'), storageSchema)
      database.sqlite.exec("UPDATE mount_holders SET boot_id = 'before'")
    }
    expect(await storage.listMounts()).toEqual([])
    expect((await storage.collectGarbage({ minAgeMs: 0, dryRun: true })).snapshots).toBe(1)
    await storage.collectGarbage({ minAgeMs: 0 })
    await storage.removeImage(image)
    expect(contents(storage.root)).toMatchObject({ snapshots: 0, layers: 0 })
  })
})

test('usage tells what is shared, what is not, and what would come back', async () => {
  using place = scratch()
  await using storage = await place.open()
  const base = tar([{ name: 'base', content: 'x'.repeat(1000) }])
  const one = await storeImage(storage, a, imageOf([base, tar([{ name: 'one', content: 'x'.repeat(10) }])]))
  const two = await storeImage(storage, 'example.org/b:1', imageOf([base, tar([{ name: 'two', content: 'x'.repeat(20) }])]))
  await storage.prepareSnapshot('k', { image: one })
  const usage = await storage.usage({ snapshots: true })
  expect(usage.images.find(({ id }) => id === one)).toMatchObject({ sizeBytes: 1010, sharedBytes: 1000, uniqueBytes: 10, snapshots: ['k'] })
  expect(usage.images.find(({ id }) => id === two)).toMatchObject({ sizeBytes: 1020, sharedBytes: 1000, uniqueBytes: 20, snapshots: [] })
  expect(usage.layerBytes).toBe(1030)
  const idle = usage.images.find(({ id }) => id === two)
  expect(usage.reclaimableBytes).toBe(20 + (idle?.blobBytes ?? 0))
  const { freedBytes } = await storage.removeImage(two, { dryRun: true })
  expect(freedBytes).toBe(usage.reclaimableBytes)
  expect(usage.snapshots).toMatchObject([{ key: 'k', image: one, inodes: expect.any(Number) }])
  await expect(storage.snapshotUsage('none')).rejects.toSatisfy(code('ERR_SNAPSHOT_NOT_FOUND'))
})
