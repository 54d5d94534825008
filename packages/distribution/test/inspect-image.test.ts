import { inspectImage, inspectionRecord } from '@podwright/distribution'
import { mediaTypes } from '@podwright/oci'
import { expect, test } from 'vitest'
import { recordOf, testIndex } from './fixtures/image.ts'
import { memorySource } from './fixtures/memory-image.ts'
import { realImage } from './fixtures/real-image.ts'

const image = realImage({ seed: 'x' })
const s390x = { os: 'linux', architecture: 's390x' }
const other = realImage({ platform: s390x, seed: 'y' })
const index = testIndex([
  [{ os: 'linux', architecture: 'amd64' }, image],
  [s390x, other],
])

test('an image of an index is looked over, without its layers', async () => {
  const { openBlob, ...source } = memorySource(index)
  const asked: string[] = []
  const watched = {
    ...source,
    openBlob: ((descriptor, options) => (asked.push(descriptor.digest), openBlob(descriptor, options))) as typeof openBlob,
  }
  const found = await inspectImage(watched, { platform: 'linux/s390x' })
  expect(asked).toEqual([other.config])
  expect(found.top).toEqual(index.top.descriptor)
  expect(found.manifest.digest).toBe(other.top.descriptor.digest)
  expect(found.layers).toEqual(other.layers)
  expect(found.config?.config?.Labels).toEqual({ seed: 'y' })
  expect(found.sizeBytes).toBe([...other.blobs.values()].reduce((sum, { length }) => sum + length, 0))
  expect(inspectionRecord(found, { name: 'example.com/x', tags: ['1'] })).toMatchObject({
    Name: 'example.com/x',
    Digest: index.top.descriptor.digest,
    RepoTags: ['1'],
    Created: '2026-01-02T03:04:05Z',
    Labels: { seed: 'y' },
    Architecture: 's390x',
    Os: 'linux',
    Env: ['PATH=/bin'],
    Layers: other.layers.map(({ digest }) => digest),
  })
})

test('an artifact has no config', async () => {
  const document = JSON.parse(Buffer.from(image.top.bytes).toString()) as { config: object }
  const top = recordOf({ ...document, config: { ...document.config, mediaType: mediaTypes.ociEmpty } }, mediaTypes.ociManifest)
  const found = await inspectImage(memorySource({ ...image, top, manifests: [top] }))
  expect(found.config).toBeUndefined()
  expect(inspectionRecord(found)).toMatchObject({ Architecture: '', Labels: null, Env: null })
})

test.each([
  ['a platform that is not there', index, { platform: 'linux/riscv64' }],
  ['an index of nothing', testIndex([[s390x, other]]), { platform: 'linux/amd64' }],
] as const)('%s is said so', async (_, what, options) => {
  await expect(inspectImage(memorySource(what), options)).rejects.toMatchObject({ code: 'ERR_PLATFORM_NOT_FOUND' })
})
