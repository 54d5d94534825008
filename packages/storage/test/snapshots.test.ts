import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { code, contents } from './fixtures/assertions.ts'
import { imageOf, smallImage, storeImage, tar } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'

test('a snapshot is there until it is removed, for other processes too', async () => {
  using place = scratch()
  await using storage = await place.open()
  const image = await storeImage(storage, 'example.org/a:1', smallImage('x'))
  const snapshot = await storage.prepareSnapshot('web-1', { image })
  expect(snapshot).toMatchObject({ key: 'web-1', mounts: [] })
  expect(readFileSync(join(snapshot.rootfs, 'etc/mark'), 'utf8')).toBe('x')
  writeFileSync(join(snapshot.rootfs, 'new'), 'y')
  {
    await using other = await place.open()
    expect(await other.snapshot('web-1')).toEqual(snapshot)
    expect(other.listSnapshots()).toEqual(['web-1'])
    await other.removeSnapshot('web-1')
    await other.removeSnapshot('web-1')
  }
  expect(await storage.snapshot('web-1')).toBeUndefined()
  expect(existsSync(snapshot.rootfs)).toBe(false)
  expect(contents(storage.root)).toMatchObject({ snapshots: 0, trash: 0, layers: 1 })
})

test('there is one for a key', async () => {
  using place = scratch()
  await using storage = await place.open()
  const both = await Promise.allSettled([storage.prepareSnapshot('k'), storage.prepareSnapshot('k')])
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  await expect(storage.prepareSnapshot('k')).rejects.toSatisfy(code('ERR_SNAPSHOT_EXISTS'))
  expect(existsSync((await storage.snapshot('k'))?.rootfs ?? '')).toBe(true)
})

test.each(['', '.', '..', 'a/b', '-a', 'a\n', 'x'.repeat(129)])('the key %j is refused', async (key) => {
  using place = scratch()
  await using storage = await place.open()
  await expect(storage.prepareSnapshot(key)).rejects.toSatisfy(code('ERR_SNAPSHOT_KEY'))
  await storage.removeSnapshot(key)
})

test('needs an image that is there', async () => {
  using place = scratch()
  await using storage = await place.open()
  await expect(storage.prepareSnapshot('k', { image: 'sha256:00' })).rejects.toSatisfy(code('ERR_IMAGE_NOT_FOUND'))
  expect(storage.listSnapshots()).toEqual([])
})

test('the root is as the topmost layer says that says anything', async () => {
  using place = scratch()
  await using storage = await place.open()
  const layers = [tar([{ name: './', mode: 0o711 }]), tar([{ name: './', mode: 0o1770 }]), tar([{ name: 'file' }])]
  const image = await storeImage(storage, 'example.org/a:1', imageOf(layers))
  const { rootfs } = await storage.prepareSnapshot('k', { image })
  expect(statSync(rootfs).mode & 0o7777).toBe(0o1770)
  const bare = await storage.prepareSnapshot('bare')
  expect(statSync(bare.rootfs).mode & 0o7777).toBe(0o755)
})

test('an opaque root hides all layers below', async () => {
  using place = scratch()
  await using storage = await place.open()
  const layers = [tar([{ name: 'old', content: 'x' }]), tar([{ name: '.wh..wh..opq' }, { name: 'new', content: 'x' }])]
  const image = await storeImage(storage, 'example.org/a:1', imageOf(layers))
  const { rootfs } = await storage.prepareSnapshot('k', { image })
  expect([existsSync(join(rootfs, 'old')), existsSync(join(rootfs, 'new'))]).toEqual([false, true])
})

test('one on a directory is that directory, and goes without it', async () => {
  using place = scratch()
  await using storage = await place.open()
  const directory = join(place.path, 'root, of:mine')
  mkdirSync(directory)
  writeFileSync(join(directory, 'mine'), 'x')
  const snapshot = await storage.prepareSnapshot('k', { base: { directory, overlay: false } })
  expect(snapshot).toEqual({ key: 'k', rootfs: directory, mounts: [], layers: [directory] })
  expect(await storage.snapshot('k')).toEqual(snapshot)
  await expect(storage.commitSnapshot('k', { names: [] })).rejects.toSatisfy(code('ERR_SNAPSHOT_BASE'))
  expect(await storage.diffTree({ snapshot: 'k' }, { against: { snapshot: 'k' } })).toEqual([])
  await storage.removeSnapshot('k')
  expect(readFileSync(join(directory, 'mine'), 'utf8')).toBe('x')
  expect(contents(storage.root)).toMatchObject({ snapshots: 0, trash: 0 })
})

test('what is written over a directory stays apart from it', async () => {
  using place = scratch()
  await using storage = await place.open()
  const directory = join(place.path, 'tree')
  mkdirSync(join(directory, 'etc'), { recursive: true, mode: 0o711 })
  writeFileSync(join(directory, 'etc/mine'), 'x')
  const { rootfs, mounts } = await storage.prepareSnapshot('k', { base: { directory, overlay: true } })
  expect(mounts).toEqual([])
  expect(statSync(rootfs).mode & 0o7777).toBe(0o711)
  writeFileSync(join(rootfs, 'etc/mine'), 'other')
  writeFileSync(join(rootfs, 'new'), 'y')
  expect(await storage.diffTree({ snapshot: 'k' })).toEqual([
    { kind: 'changed', path: '/etc' },
    { kind: 'changed', path: '/etc/mine' },
    { kind: 'added', path: '/new' },
  ])
  await storage.removeSnapshot('k')
  expect([readFileSync(join(directory, 'etc/mine'), 'utf8'), existsSync(join(directory, 'new'))]).toEqual(['x', false])
})

test('nothing is laid over a directory that has the storage in it', async () => {
  using place = scratch()
  await using storage = await place.open()
  await expect(storage.prepareSnapshot('k', { base: { directory: place.path, overlay: true } })).rejects.toSatisfy(
    code('ERR_SNAPSHOT_BASE'),
  )
  expect(storage.listSnapshots()).toEqual([])
  expect((await storage.prepareSnapshot('k', { base: { directory: place.path, overlay: false } })).rootfs).toBe(place.path)
})
