import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { code, contents, empty } from './fixtures/assertions.ts'
import { collect, imageOf, putParts, smallImage, storeImage, tar } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'

const a = 'example.org/a:1'

describe('a collection', () => {
  test('leaves what is used', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = await storeImage(storage, a, smallImage('1'))
    const { rootfs } = await storage.prepareSnapshot('k', { image })
    const before = contents(storage.root)
    expect(await storage.collectGarbage({ minAgeMs: 0 })).toEqual({ items: [], blobs: 0, layers: 0, snapshots: 0, freedBytes: 0 })
    expect(contents(storage.root)).toEqual(before)
    expect(existsSync(rootfs)).toBe(true)
  })

  test('that ends before its rows are gone leaves everything else as it was', async () => {
    using place = scratch()
    await using storage = await place.open()
    await storeImage(storage, a, imageOf([tar([{ name: 'one', content: '1' }]), tar([{ name: 'two', content: '2' }])]))
    const database = new DatabaseSync(join(storage.root, 'storage.db'))
    // The second layer can't go, so that the transaction is undone, as it is when the process dies.
    database.exec(`CREATE TRIGGER stop BEFORE DELETE ON layers WHEN OLD.parent IS NOT NULL BEGIN SELECT RAISE(ABORT, 'stopped'); END`)
    await expect(storage.removeName(a)).rejects.toThrow('stopped')
    database.exec('DROP TRIGGER stop')
    database.close()
    const { findings } = await storage.check({ full: true, minAgeMs: 0 })
    expect(findings.filter(({ kind }) => kind !== 'garbage')).toEqual([])
    await storage.collectGarbage({ minAgeMs: 0 })
    expect(contents(storage.root)).toEqual(empty)
  })

  test('never takes the work of a pull that is under way', async () => {
    using place = scratch()
    await using storage = await place.open()
    await using other = await place.open()
    const image = smallImage('1')
    await using destination = await storage.destination(a)
    await putParts(destination, image)
    expect(await other.collectGarbage({ minAgeMs: 0 })).toMatchObject({ blobs: 0, layers: 0 })
    await destination.commit(image.manifest.descriptor)
    expect(await other.collectGarbage({ minAgeMs: 0 })).toMatchObject({ blobs: 0, layers: 0 })
    expect(storage.findImage(a)?.id).toBe(image.config.digest)
  })

  test('takes what a pull left that was given up, once it is old', async () => {
    using place = scratch()
    await using storage = await place.open()
    {
      await using destination = await storage.destination(a)
      await putParts(destination, smallImage('1'))
    }
    expect(await storage.collectGarbage()).toMatchObject({ blobs: 0, layers: 0 })
    expect(await storage.collectGarbage({ minAgeMs: 0 })).toMatchObject({ blobs: 3 })
    expect(contents(storage.root)).toEqual(empty)
  })

  test('takes nothing that seems to come from the future', async () => {
    using place = scratch()
    const past = { now: () => Date.now() - 86_400_000, sleep: () => Promise.resolve() }
    await using storage = await place.open({}, { clock: past })
    {
      await using destination = await storage.destination(a)
      await putParts(destination, smallImage('1'))
    }
    expect(await storage.collectGarbage()).toMatchObject({ blobs: 0, layers: 0 })
  })

  test('takes directories and files that nothing knows', async () => {
    using place = scratch()
    await using storage = await place.open()
    const hex = 'f'.repeat(64)
    mkdirSync(join(storage.root, 'layers', hex, 'diff'), { recursive: true })
    mkdirSync(join(storage.root, 'layers', `${hex}.0123456789abcdef`, 'diff'), { recursive: true })
    mkdirSync(join(storage.root, 'snapshots/gone'))
    mkdirSync(join(storage.root, 'trash/a/b'), { recursive: true })
    for (const name of [`ingest/sha256-${hex}`, `ingest/layer-${hex}`, 'leases/dead']) writeFileSync(join(storage.root, name), 'x')
    await storage.collectGarbage()
    expect(contents(storage.root)).toMatchObject({ layers: 2, snapshots: 1, ingest: 2, trash: 0, leases: 0 })
    await storage.collectGarbage({ minAgeMs: 0 })
    expect(contents(storage.root)).toEqual(empty)
  })

  test('gives up snapshots whose owner is gone, unless a lease made them', async () => {
    using place = scratch()
    await using storage = await place.open()
    await storage.prepareSnapshot('owned')
    await storage.prepareSnapshot('abandoned')
    const lease = await storage.lease()
    await storage.prepareSnapshot('leased', { lease })
    const options = { minAgeMs: 0, snapshotKeys: new Set(['owned']) }
    expect(await storage.collectGarbage({ minAgeMs: 0 })).toMatchObject({ snapshots: 0 })
    expect(await storage.collectGarbage({ snapshotKeys: new Set() })).toMatchObject({ snapshots: 0 })
    expect(await storage.collectGarbage(options)).toMatchObject({ snapshots: 1 })
    expect(storage.listSnapshots()).toEqual(['leased', 'owned'])
    await lease[Symbol.asyncDispose]()
    await storage.collectGarbage(options)
    expect(storage.listSnapshots()).toEqual(['owned'])
  })
})

describe('removing an image', () => {
  test('leaves what a pull is on the way to', async () => {
    using place = scratch()
    await using storage = await place.open()
    await using other = await place.open()
    const image = smallImage('1')
    await storeImage(storage, a, image)
    await using destination = await other.destination('example.org/b:1')
    await putParts(destination, image)
    await storage.removeName(a)
    expect(contents(storage.root)).toMatchObject({ blobs: 3, layers: 1 })
    await destination.commit(image.manifest.descriptor)
    expect((await storage.prepareSnapshot('k', { image: image.config.digest })).key).toBe('k')
  })

  test('between the begin of a pull and its commit, all is fetched again that is gone', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('1')
    await storeImage(storage, a, image)
    await storage.removeName(a)
    await storeImage(storage, a, image)
    expect(contents(storage.root)).toMatchObject({ blobs: 3, layers: 1, l: 1 })
  })

  test('leaves a source that is being read', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('1')
    await storeImage(storage, a, image)
    {
      await using source = await storage.source(a)
      await storage.removeName(a)
      const [layer] = image.layers
      const { chunks } = await source.openBlob(layer as NonNullable<typeof layer>)
      expect(Buffer.concat(await collect(chunks)).byteLength).toBe(layer?.size)
    }
    await expect(storage.source(a)).rejects.toSatisfy(code('ERR_IMAGE_NOT_FOUND'))
  })
})

test('a layer whose row was lost is taken up from its directory', async () => {
  using place = scratch()
  const image = smallImage('1')
  {
    await using storage = await place.open()
    await storeImage(storage, a, image)
  }
  const { openDatabase } = await import('@podwright/linux')
  const { storageSchema } = await import('../src/internal/schema.ts')
  {
    using database = await openDatabase(join(place.path, 'root/storage.db'), storageSchema)
    database.sqlite.exec('DELETE FROM layers')
  }
  const marker = join(place.path, 'root/layers', image.diffIds[0]?.slice(7) ?? '', 'diff/etc/mark')
  utimesSync(marker, 1, 1)
  await using storage = await place.open()
  await storeImage(storage, a, image)
  const { statSync } = await import('node:fs')
  expect(statSync(marker).mtimeMs).toBe(1000)
})
