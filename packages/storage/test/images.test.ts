import { describe as describeBytes, encodeDocument, mediaTypes } from '@podwright/oci'
import { describe, expect, test } from 'vitest'
import { code, contents, empty } from './fixtures/assertions.ts'
import { chunks, collect, imageOf, opener, putParts, smallImage, storeImage, tar } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'

const a = 'docker.io/library/a:1'
const b = 'docker.io/library/b:1'

describe('a stored image', () => {
  test('is described by its config, its manifest and its layers', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('x', { created: '2024-01-02T03:04:05Z', config: { Labels: { tier: 'web' }, Cmd: ['sh'] } })
    await storeImage(storage, a, image)
    expect(storage.findImage(a)).toEqual({
      id: image.config.digest,
      names: [a],
      digests: [`docker.io/library/a@${image.manifest.descriptor.digest}`],
      manifests: [image.manifest.descriptor],
      platform: { os: 'linux', architecture: 'amd64' },
      created: new Date('2024-01-02T03:04:05Z'),
      sizeBytes: 1,
      labels: { tier: 'web' },
      layers: image.diffIds,
    })
    expect((await storage.imageConfig(image.config.digest)).config?.Cmd).toEqual(['sh'])
  })

  test('is found by name, digest, id and the beginning of its id', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('x')
    const id = await storeImage(storage, a, image)
    const digest = image.manifest.descriptor.digest
    const found = [a, `docker.io/library/a@${digest}`, `${a}@${digest}`, id, id.slice(7), id.slice(0, 12), id.slice(7, 10), id.slice(7, 8)]
    for (const reference of found) expect(storage.findImage(reference)?.id, reference).toBe(id)
    const missing = ['docker.io/library/a:2', `docker.io/library/b@${digest}`, `docker.io/library/a@${id}`, 'sha256:', '', digest, `${id}0`]
    for (const reference of missing) expect(storage.findImage(reference), reference).toBeUndefined()
  })

  test('two that begin alike are told apart', async () => {
    using place = scratch()
    await using storage = await place.open()
    // Seventeen ids have two that begin with the same digit.
    const ids = []
    for (let index = 0; index < 17; index++) ids.push(await storeImage(storage, `example.org/${index}:1`, smallImage(`${index}`)))
    const digits = ids.map((id) => id.slice(7, 8))
    const shared = digits.find((digit, index) => digits.indexOf(digit) !== index) ?? ''
    expect(() => storage.findImage(shared)).toThrow(expect.toSatisfy(code('ERR_IMAGE_AMBIGUOUS')))
    for (const id of ids) expect(storage.findImage(id)?.id).toBe(id)
  })

  test('is found by the index that it came in by, which is kept', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('x')
    const other = { ...describeBytes(Buffer.from('{}'), mediaTypes.ociManifest), platform: { os: 'linux', architecture: 's390x' } }
    const bytes = encodeDocument({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [other, image.manifest.descriptor] })
    const index = { descriptor: describeBytes(bytes, mediaTypes.ociIndex), bytes: Buffer.from(bytes) }
    {
      await using destination = await storage.destination(a)
      await putParts(destination, image)
      await destination.putManifest(index)
      await destination.commit(index.descriptor)
    }
    const reference = `docker.io/library/a@${index.descriptor.digest}`
    expect(storage.findImage(reference)?.id).toBe(image.config.digest)
    await using source = await storage.source(a)
    expect(await source.manifest()).toEqual(index)
    // A name can lead to either, and to no other.
    for (const { descriptor } of [image.manifest, index]) {
      await storage.tagImage(image.config.digest, b, { manifest: descriptor.digest })
      await using named = await storage.source(b)
      expect((await named.manifest()).descriptor.digest).toBe(descriptor.digest)
    }
    await expect(storage.tagImage(image.config.digest, b, { manifest: other.digest })).rejects.toSatisfy(code('ERR_IMAGE_NOT_FOUND'))
    expect((await source.manifest(image.manifest.descriptor.digest)).bytes).toEqual(Buffer.from(image.manifest.bytes))
    const { chunks: read } = await source.openBlob(image.config, { offset: 2 })
    expect(Buffer.concat(await collect(read))).toEqual(Buffer.from(image.blobs.get(image.config.digest) ?? []).subarray(2))
  })

  test('lists the newest first', async () => {
    using place = scratch()
    await using storage = await place.open()
    await storeImage(storage, 'example.org/old:1', smallImage('old', { created: '2001-01-01T00:00:00Z' }))
    await storeImage(storage, 'example.org/new:1', smallImage('new', { created: '2021-01-01T00:00:00Z' }))
    await storeImage(storage, 'example.org/undated:1', smallImage('undated'))
    expect(storage.listImages().map(({ names }) => names[0])).toEqual(['example.org/new:1', 'example.org/old:1', 'example.org/undated:1'])
    expect(storage.listImages()).toEqual(storage.listImages().map(({ id }) => storage.findImage(id)))
  })
})

describe('names', () => {
  test('move to the image that was named last', async () => {
    using place = scratch()
    await using storage = await place.open()
    const first = await storeImage(storage, a, smallImage('1'))
    const second = await storeImage(storage, a, smallImage('2'))
    expect(storage.findImage(a)?.id).toBe(second)
    expect(storage.findImage(first)?.names).toEqual([])
    await storage.tagImage(first, b)
    expect(storage.findImage(b)?.id).toBe(first)
    await storage.tagImage(first, a)
    expect(storage.findImage(second)?.names).toEqual([])
  })

  test('are full, with a tag', async () => {
    using place = scratch()
    await using storage = await place.open()
    const id = await storeImage(storage, 'example.org/a', smallImage('1'))
    expect(storage.findImage(id)?.names).toEqual(['example.org/a:latest'])
    await expect(storage.destination('a')).rejects.toSatisfy(code('ERR_IMAGE_NAME'))
    await expect(storage.tagImage(id, 'UPPER CASE')).rejects.toSatisfy(code('ERR_IMAGE_NAME'))
    await expect(storage.tagImage('sha256:00', a)).rejects.toSatisfy(code('ERR_IMAGE_NOT_FOUND'))
  })
})

describe('removing', () => {
  test('the last name takes the image and its disk space with it', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('1')
    const id = await storeImage(storage, a, image)
    await storage.tagImage(id, b)
    expect(await storage.removeName(b)).toMatchObject({ untagged: [b], deleted: [] })
    const digest = `docker.io/library/a@${image.manifest.descriptor.digest}`
    expect(await storage.removeName(a)).toMatchObject({ untagged: [a, digest], deleted: [id] })
    expect(storage.listImages()).toEqual([])
    expect(contents(storage.root)).toEqual(empty)
    await expect(storage.removeName(a)).rejects.toSatisfy(code('ERR_IMAGE_NOT_FOUND'))
  })

  test('the last name alone, when the image is to be kept', async () => {
    using place = scratch()
    await using storage = await place.open()
    const id = await storeImage(storage, a, smallImage('1'))
    expect(await storage.removeName(a, { keepImage: true })).toMatchObject({ untagged: [a], deleted: [] })
    await storage.collectGarbage({ minAgeMs: 0 })
    expect(storage.findImage(id)).toMatchObject({ id, names: [] })
    await storage.tagImage(id, b)
    expect(storage.findImage(b)?.id).toBe(id)
  })

  test('leaves what other images share', async () => {
    using place = scratch()
    await using storage = await place.open()
    const base = tar([{ name: 'base', content: 'x' }])
    const one = imageOf([base, tar([{ name: 'one', content: 'x' }])])
    const two = imageOf([base, tar([{ name: 'two', content: 'x' }])])
    await storeImage(storage, a, one)
    await storeImage(storage, b, two)
    expect(contents(storage.root)).toMatchObject({ layers: 3, blobs: 7 })
    await storage.removeImage(one.config.digest)
    expect(contents(storage.root)).toMatchObject({ layers: 2, blobs: 4 })
    expect((await storage.prepareSnapshot('k', { image: two.config.digest })).rootfs).toBeTypeOf('string')
  })

  test('refuses an image that has several names, unless forced, or a snapshot', async () => {
    using place = scratch()
    await using storage = await place.open()
    const id = await storeImage(storage, a, smallImage('1'))
    await storage.tagImage(id, b)
    await expect(storage.removeImage(id)).rejects.toSatisfy(code('ERR_IMAGE_HAS_NAMES'))
    await storage.prepareSnapshot('k', { image: id })
    await expect(storage.removeImage(id, { force: true })).rejects.toSatisfy(code('ERR_IMAGE_IN_USE'))
    await storage.removeName(a)
    await storage.removeName(b)
    expect(storage.findImage(id)?.names).toEqual([])
    await storage.removeSnapshot('k')
    expect(await storage.removeImage(id, { force: true })).toMatchObject({ untagged: [], deleted: [id] })
    expect(contents(storage.root)).toEqual(empty)
  })

  test('a digest goes as a name does', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('1')
    const reference = `docker.io/library/a@${image.manifest.descriptor.digest}`
    const id = await storeImage(storage, reference, image)
    expect(storage.findImage(id)).toMatchObject({ names: [], digests: [reference] })
    expect(await storage.removeName(reference)).toMatchObject({ untagged: [reference], deleted: [id] })
  })
})

describe('an image is refused', () => {
  test('when its config does not fit its manifest', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('1')
    const config = encodeDocument({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } })
    const descriptor = describeBytes(config, mediaTypes.ociConfig)
    const bytes = encodeDocument({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: descriptor, layers: image.layers })
    await using destination = await storage.destination(a)
    await destination.begin({ descriptor: describeBytes(bytes, mediaTypes.ociManifest), bytes })
    await expect(destination.putBlob(descriptor, opener(config))).rejects.toSatisfy(code('ERR_IMAGE_INVALID'))
  })

  test('when it is an artifact', async () => {
    using place = scratch()
    await using storage = await place.open()
    const layer = describeBytes(Buffer.from('x'), 'text/plain')
    const bytes = encodeDocument({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: describeBytes(Buffer.from('{}'), mediaTypes.ociEmpty),
      layers: [layer],
    })
    await using destination = await storage.destination(a)
    const begun = destination.begin({ descriptor: describeBytes(bytes, mediaTypes.ociManifest), bytes })
    await expect(begun).rejects.toSatisfy(code('ERR_IMAGE_UNSUPPORTED'))
  })

  test('when a layer does not unpack to what its config says', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('1')
    const other = smallImage('2')
    const bytes = encodeDocument({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: other.config, layers: image.layers })
    const manifest = { descriptor: describeBytes(bytes, mediaTypes.ociManifest), bytes }
    const mixed = { ...image, manifest, config: other.config, blobs: new Map([...image.blobs, ...other.blobs]) }
    await expect(storeImage(storage, a, mixed)).rejects.toSatisfy(code('ERR_LAYER_DIFF_ID'))
    expect(storage.findImage(a)).toBeUndefined()
    expect(contents(storage.root)).toMatchObject({ layers: 0, leases: 0, trash: 0 })
  })

  test('when a part of it was never put', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('1')
    await using destination = await storage.destination(a)
    await destination.begin(image.manifest)
    await destination.putBlob(image.config, (offset) =>
      Promise.resolve({ offset, chunks: chunks(image.blobs.get(image.config.digest) ?? new Uint8Array()) }),
    )
    await expect(destination.commit(image.manifest.descriptor)).rejects.toSatisfy(code('ERR_IMAGE_INCOMPLETE'))
    expect(storage.findImage(a)).toBeUndefined()
  })
})
