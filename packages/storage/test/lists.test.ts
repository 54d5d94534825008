import { digestOf, type ImageManifest } from '@podwright/oci'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { code, contents, empty } from './fixtures/assertions.ts'
import { collect, smallImage, storeImage } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'

const list = 'example.org/list:1'
const a = 'example.org/a:1'

describe('a manifest list', () => {
  test('is made, added to, annotated, and taken apart again', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('1', { architecture: 'arm64', variant: 'v8' })
    await storeImage(storage, a, image)
    expect(await storage.createList(list)).toMatchObject({ names: [list], index: { manifests: [] } })
    await expect(storage.createList(list)).rejects.toSatisfy(code('ERR_LIST_EXISTS'))
    await expect(storage.createList(a, { replace: true })).rejects.toSatisfy(code('ERR_LIST_EXISTS'))
    const { digest } = image.manifest.descriptor
    const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' }
    expect((await storage.addToList(list, a)).index.manifests).toEqual([{ ...image.manifest.descriptor, platform }])
    const annotated = await storage.annotateList(list, digest, { platform: { variant: 'v9' }, annotations: { x: 'y' } })
    expect(annotated.index.manifests).toMatchObject([{ digest, platform: { variant: 'v9' }, annotations: { x: 'y' } }])
    expect((await storage.annotateList(list, undefined, { annotations: { of: 'all' } })).index.annotations).toEqual({ of: 'all' })
    const other = digestOf(Buffer.from('x'))
    const foreign = { mediaType: image.manifest.descriptor.mediaType, digest: other, size: 1 }
    expect((await storage.addToList(list, foreign)).index.manifests).toHaveLength(2)
    await expect(storage.removeFromList(list, digestOf(Buffer.from('y')))).rejects.toSatisfy(code('ERR_LIST_MEMBER_NOT_FOUND'))
    const left = await storage.removeFromList(list, other)
    expect(left.index.manifests.map((one) => one.digest)).toEqual([digest])
    expect(await storage.listLists()).toEqual([left])
    expect(await storage.findList(left.descriptor.digest)).toEqual(left)
    expect(await storage.findList(`example.org/list@${left.descriptor.digest}`)).toEqual(left)
    expect(storage.listImages().map(({ names }) => names)).toEqual([[a]])
  })

  test('is made with all its members, or not at all', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('1')
    await storeImage(storage, a, image)
    const { mediaType } = image.manifest.descriptor
    const foreign = { mediaType, digest: digestOf(Buffer.from('x')), size: 1 }
    const missing = { member: 'example.org/none:1' }
    await expect(storage.createList(list, { members: [{ member: a }, missing] })).rejects.toSatisfy(code('ERR_IMAGE_NOT_FOUND'))
    expect([await storage.listLists(), contents(storage.root)]).toEqual([[], { ...contents(storage.root), blobs: 3, leases: 0 }])
    const made = await storage.createList(list, {
      members: [{ member: foreign }, { member: a, annotations: { x: 'y' } }, { member: foreign, platform: { variant: 'v9' } }],
    })
    expect(made.index.manifests).toMatchObject([
      { digest: image.manifest.descriptor.digest, annotations: { x: 'y' } },
      { digest: foreign.digest, platform: { variant: 'v9' } },
    ])
    expect(contents(storage.root)).toMatchObject({ blobs: 4, leases: 0 })
    await expect(storage.createList(list, { members: [missing] })).rejects.toSatisfy(code('ERR_LIST_EXISTS'))
    expect((await storage.createList(list, { replace: true, members: [{ member: foreign }] })).index.manifests).toEqual([foreign])
  })

  test('holds the blobs of its members when their image is removed, and lets them go', async () => {
    using place = scratch()
    await using storage = await place.open()
    const image = smallImage('1')
    await storeImage(storage, a, image)
    await storage.createList(list)
    await storage.addToList(list, a)
    await storage.removeName(a)
    await storage.collectGarbage({ minAgeMs: 0 })
    expect(contents(storage.root)).toMatchObject({ blobs: 4, layers: 0 })
    {
      await using source = await storage.source(list)
      expect((await source.manifest(image.manifest.descriptor.digest)).bytes).toEqual(Buffer.from(image.manifest.bytes))
      const [layer] = image.layers
      const { chunks } = await source.openBlob(layer as NonNullable<typeof layer>)
      expect(Buffer.concat(await collect(chunks)).byteLength).toBe(layer?.size)
    }
    expect(await storage.removeName(list, { dryRun: true })).toMatchObject({ untagged: [list] })
    expect(await storage.removeName(list)).toMatchObject({ untagged: [list], deleted: [expect.stringMatching(/^sha256:/)] })
    expect(contents(storage.root)).toEqual(empty)
  })

  test('changed by several at once, has all changes', async () => {
    using place = scratch()
    await using storage = await place.open()
    await using other = await place.open()
    await storage.createList(list)
    const members = Array.from({ length: 8 }, (_, index) => ({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: digestOf(Buffer.from(`${index}`)),
      size: 1,
    }))
    await Promise.all(members.map((member, index) => (index % 2 === 0 ? storage : other).addToList(list, member)))
    expect((await storage.findList(list))?.index.manifests).toHaveLength(8)
    await storage.collectGarbage({ minAgeMs: 0 })
    expect(contents(storage.root)).toMatchObject({ blobs: 1 })
  })

  test("of Docker's format says what it has no place for", async () => {
    using place = scratch()
    await using storage = await place.open()
    await expect(storage.createList(list, { format: 'docker', annotations: { a: 'b' } })).rejects.toSatisfy(code('ERR_LIST_FORMAT'))
    await storage.createList(list, { format: 'docker' })
    await expect(storage.annotateList(list, undefined, { annotations: { a: 'b' } })).rejects.toSatisfy(code('ERR_LIST_FORMAT'))
  })
})

describe('an artifact', () => {
  test('is made of files, found, read, added to and removed', async () => {
    using place = scratch()
    await using storage = await place.open()
    const path = join(place.path, 'file.txt')
    writeFileSync(path, 'content')
    const name = 'example.org/artifact:1'
    const made = await storage.createArtifact(name, [{ content: path, mediaType: 'text/plain' }], { artifactType: 'application/x-test' })
    expect(made.manifest).toMatchObject({
      artifactType: 'application/x-test',
      layers: [{ mediaType: 'text/plain', size: 7, annotations: { 'org.opencontainers.image.title': 'file.txt' } }],
    })
    expect(made).toMatchObject({ names: [name], digests: [`example.org/artifact@${made.descriptor.digest}`], sizeBytes: 7 })
    for (const reference of [name, made.digests[0] ?? '', made.descriptor.digest, made.descriptor.digest.slice(7, 19)]) {
      expect(await storage.findArtifact(reference)).toEqual(made)
    }
    await expect(storage.createArtifact(name, [])).rejects.toSatisfy(code('ERR_ARTIFACT_EXISTS'))
    const bytes = (async function* () {
      yield Buffer.from('more')
    })()
    const more = await storage.createArtifact(name, [{ content: bytes, title: 'more' }], { existing: 'append' })
    expect(titles(more.manifest)).toEqual(['file.txt', 'more'])
    expect(storage.listImages()).toEqual([])
    expect(await storage.listArtifacts()).toEqual([more])
    await storage.tagImage(more.descriptor.digest, 'example.org/other:1')
    await expect(storage.untagImage(more.descriptor.digest)).rejects.toSatisfy(code('ERR_IMAGE_NAME'))
    expect(await storage.untagImage(more.descriptor.digest, [name])).toEqual([name])
    await storage.collectGarbage({ minAgeMs: 0 })
    expect(await storage.check({ full: true })).toMatchObject({ findings: [], healthy: true })
    const [file] = more.manifest.layers
    const linked = join(place.path, 'linked')
    await storage.linkBlob(file?.digest ?? more.descriptor.digest, linked)
    await storage.removeImage(more.descriptor.digest)
    expect(contents(storage.root)).toEqual(empty)
    expect(readFileSync(linked, 'utf8')).toBe('content')
    await expect(storage.linkBlob(more.descriptor.digest, `${linked}-again`)).rejects.toSatisfy(code('ERR_BLOB_NOT_FOUND'))
  })

  test('is taken in as it comes, where that is asked for', async () => {
    using place = scratch()
    await using storage = await place.open()
    const made = await storage.createArtifact('example.org/artifact:1', [
      {
        content: (async function* () {
          yield Buffer.from('x')
        })(),
      },
    ])
    using second = scratch()
    await using target = await second.open()
    await using source = await storage.source('example.org/artifact:1')
    await using destination = await target.destination('example.org/copy:1', { kind: 'artifact' })
    await destination.begin(await source.manifest())
    for (const blob of [made.manifest.config, ...made.manifest.layers]) {
      await destination.putBlob(blob, (offset) => source.openBlob(blob, { offset }))
    }
    await destination.putManifest(await source.manifest())
    await destination.commit(made.descriptor)
    expect(await target.findArtifact('example.org/copy:1')).toMatchObject({ descriptor: made.descriptor, manifest: made.manifest })
  })
})

function titles({ layers }: ImageManifest): (string | undefined)[] {
  return layers.map(({ annotations }) => annotations?.['org.opencontainers.image.title'])
}

describe('names', () => {
  test('are taken away, and the image stays', async () => {
    using place = scratch()
    await using storage = await place.open()
    const id = await storeImage(storage, a, smallImage('1'))
    await storage.tagImage(id, 'example.org/b:1')
    await expect(storage.untagImage(id, [a, 'example.org/none:1'])).rejects.toSatisfy(code('ERR_IMAGE_NAME_UNKNOWN'))
    expect(await storage.untagImage(id)).toEqual([a, 'example.org/b:1'])
    expect(storage.findImage(id)).toMatchObject({ names: [], digests: [] })
    await storage.collectGarbage({ minAgeMs: 0 })
    expect(storage.findImage(id)).toMatchObject({ id })
    const before = contents(storage.root)
    const would = await storage.pruneImages({ dryRun: true })
    expect(contents(storage.root)).toEqual(before)
    expect(would).toMatchObject({ deleted: [id], freedBytes: expect.any(Number) })
    expect(await storage.pruneImages()).toEqual(would)
    expect(contents(storage.root)).toEqual(empty)
  })

  test('a dry run of a collection says what a collection takes', async () => {
    using place = scratch()
    await using storage = await place.open()
    {
      await using destination = await storage.destination(a)
      const image = smallImage('1')
      await destination.begin(image.manifest)
      await destination.putManifest(image.manifest)
    }
    writeFileSync(join(storage.root, 'ingest', `sha256-${'f'.repeat(64)}`), 'xyz')
    const would = await storage.collectGarbage({ minAgeMs: 0, dryRun: true })
    expect(would.items.map(({ kind }) => kind).toSorted()).toEqual(['blob', 'partial'])
    expect(await storage.collectGarbage({ minAgeMs: 0 })).toEqual(would)
  })
})
