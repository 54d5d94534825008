import { runTool } from '@podwright/linux'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { code, contents } from './fixtures/assertions.ts'
import { isRoot } from './fixtures/host.ts'
import { imageOf, smallImage, storeImage, tar } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'

const a = 'example.org/a:1'
const b = 'example.org/b:1'
const shared = imageOf([tar([{ name: 'etc/' }, { name: 'etc/a', content: 'a' }]), tar([{ name: 'etc/' }, { name: 'etc/b', content: 'b' }])])

describe('an additional store', () => {
  test('has its images found and run from, and none of its own changed', async () => {
    using other = scratch()
    await using additional = await other.open()
    const id = await storeImage(additional, a, shared)
    using place = scratch()
    await using storage = await place.open({ additionalStores: [additional.root] })
    const own = await storeImage(storage, b, smallImage('own'))
    expect(storage.findImage(a)).toMatchObject({
      id,
      additionalStore: additional.root,
      layers: expect.arrayContaining([expect.any(String)]),
    })
    expect(storage.listImages().map((image) => [image.id, image.additionalStore])).toEqual(
      expect.arrayContaining([
        [id, additional.root],
        [own, undefined],
      ]),
    )
    expect(await storage.imageConfig(id)).toMatchObject({ os: 'linux' })
    expect(await storage.imageHistory(id)).toHaveLength(2)
    for (const refused of [storage.removeImage(id), storage.removeName(a), storage.tagImage(id, b), storage.untagImage(id)]) {
      await expect(refused).rejects.toSatisfy(code('ERR_IMAGE_READ_ONLY'))
    }
    const { rootfs } = await storage.prepareSnapshot('k', { image: id })
    expect(readdirSync(join(rootfs, 'etc'))).toEqual(['a', 'b'])
    const made = await storage.commitSnapshot('k', { names: ['example.org/made:1'] })
    expect(made).toMatchObject({ layers: [...(storage.findImage(a)?.layers ?? []), expect.any(String)] })
    expect(contents(storage.root)).toMatchObject({ layers: 2 })
    await using source = await storage.source(a)
    expect((await source.manifest()).descriptor.digest).toBe(shared.manifest.descriptor.digest)
    await storage.collectGarbage({ minAgeMs: 0 })
    expect(await storage.check({ full: true })).toMatchObject({ findings: [], healthy: true })
    expect(contents(additional.root)).toMatchObject({ layers: 2, leases: 0 })
  })

  test('that is none is refused by name', async () => {
    using place = scratch()
    await expect(place.open({ additionalStores: [join(place.path, 'none')] })).rejects.toSatisfy(code('ERR_STORAGE_ADDITIONAL'))
  })

  test('of another kind of layers is refused', async (context) => {
    if (!isRoot) return context.skip('needs root')
    using other = scratch()
    await using additional = await other.open({ driver: 'overlay' })
    await storeImage(additional, a, shared)
    using place = scratch()
    await using storage = await place.open({ additionalStores: [additional.root] })
    await expect(storage.prepareSnapshot('k', { image: shared.config.digest })).rejects.toSatisfy(code('ERR_STORAGE_ADDITIONAL'))
  })

  test.for(['closed', 'in use'])('on a read-only mount works, when its database is %s', async (state, context) => {
    if (!isRoot) return context.skip('needs root')
    using other = scratch()
    using place = scratch()
    const driver = 'overlay'
    const additional = await other.open({ driver })
    await storeImage(additional, a, shared)
    if (state === 'closed') await additional[Symbol.asyncDispose]()
    const target = join(place.path, 'read-only')
    mkdirSync(target)
    await runTool('mount', ['--bind', additional.root, target])
    await runTool('mount', ['-o', 'remount,bind,ro', target])
    try {
      await using storage = await place.open({ driver, additionalStores: [target] })
      await storage.prepareSnapshot('k', { image: storage.findImage(a)?.id })
      const { path } = await storage.mountSnapshot('k', { owner: 'test' })
      expect(readFileSync(join(path, 'etc/b'), 'utf8')).toBe('b')
      await storage.unmountSnapshot('k', { owner: 'test' })
    } finally {
      await runTool('umount', ['--lazy', target])
      await additional[Symbol.asyncDispose]()
    }
  })
})
