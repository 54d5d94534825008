import type { ImageSource } from '@podwright/contracts'
import { copyImage, type CopyProgress, DistributionError } from '@podwright/distribution'
import { mediaTypes, parsePlatform, type Platform } from '@podwright/oci'
import { describe, expect, test } from 'vitest'
import { noise, recordOf, testImage, testIndex, type TestImage } from './fixtures/image.ts'
import { memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { scriptedClock } from './fixtures/scripted-clock.ts'

const s390x = parsePlatform('linux/s390x')
const imageFor = (platform: Platform): TestImage => testImage({ platform, layers: [noise(2000, platform.architecture.length + 5)] })
const indexOf = (...platforms: string[]): TestImage =>
  testIndex(platforms.map((text) => [parsePlatform(text), imageFor(parsePlatform(text))] as const))

describe('of an index', () => {
  const index = indexOf('linux/amd64', 'linux/s390x', 'linux/arm64')

  test('one image is copied, and the index is kept', async () => {
    const destination = memoryDestination()
    const result = await copyImage(memorySource(index), destination, { platform: s390x })
    expect(result.top).toEqual(index.top.descriptor)
    expect(result.committed).toEqual(index.top.descriptor)
    expect(result.images.map(({ platform }) => platform)).toEqual([s390x])
    expect(destination.order.map((step) => step.split(' ', 1)[0])).toEqual(['begin', 'blob', 'blob', 'manifest', 'manifest', 'commit'])
    expect(destination.manifests.get(index.top.descriptor.digest)?.bytes).toBe(index.top.bytes)
  })

  test('a destination that can not hold a part of an index gets the image alone', async () => {
    const destination = memoryDestination({ sparseIndex: false })
    const result = await copyImage(memorySource(index), destination, { platform: s390x })
    expect(result.committed.digest).toBe(result.images[0]?.manifest.digest)
    expect(destination.committed?.digest).toBe(result.committed.digest)
    expect(destination.manifests.has(index.top.descriptor.digest)).toBe(false)
  })

  test('all images are copied when all are asked for', async () => {
    const destination = memoryDestination({ sparseIndex: false })
    const result = await copyImage(memorySource(index), destination, { platforms: 'all' })
    expect(result.images).toHaveLength(3)
    expect([...destination.manifests.keys()].toSorted()).toEqual(index.manifests.map(({ descriptor }) => descriptor.digest).toSorted())
    expect(destination.blobs.size).toBe(index.blobs.size)
  })

  test('a platform that is not there is refused with those that are', async () => {
    await expect(copyImage(memorySource(index), memoryDestination(), { platform: parsePlatform('linux/riscv64') })).rejects.toMatchObject({
      code: 'ERR_PLATFORM_NOT_FOUND',
      message: expect.stringContaining('linux/amd64, linux/s390x, linux/arm64'),
      details: { available: ['linux/amd64', 'linux/s390x', 'linux/arm64'] },
    })
  })

  test('an index in an index is looked into', async () => {
    const outer = recordOf(
      { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [{ ...index.top.descriptor, platform: s390x }] },
      mediaTypes.ociIndex,
    )
    const destination = memoryDestination()
    const result = await copyImage(memorySource({ ...index, top: outer, manifests: [...index.manifests, outer] }), destination, {
      platform: s390x,
    })
    expect(result.images).toHaveLength(1)
    expect([...destination.manifests.keys()].slice(-2)).toEqual([index.top.descriptor.digest, outer.descriptor.digest])
  })
})

describe('a single image', () => {
  test('for another machine is copied, and said to be so', async () => {
    const other: Platform = { os: 'plan9', architecture: 'mips' }
    const result = await copyImage(memorySource(testImage({ platform: other })), memoryDestination())
    expect(result.platformMismatch?.found).toEqual(other)
  })

  test('for another platform than asked for is refused before anything is written', async () => {
    const destination = memoryDestination()
    await expect(copyImage(memorySource(imageFor(s390x)), destination, { platform: parsePlatform('linux/arm64') })).rejects.toMatchObject({
      code: 'ERR_PLATFORM_NOT_FOUND',
      message: expect.stringContaining('linux/s390x'),
    })
    expect(destination.order).toEqual([])
  })

  test('that says no platform is taken', async () => {
    const result = await copyImage(memorySource(testImage({ platform: { os: '', architecture: '' } })), memoryDestination(), {
      platform: s390x,
    })
    expect(result.platformMismatch).toBeUndefined()
  })

  test('that is no image, but an artifact, is copied as it is', async () => {
    const image = testImage()
    const config = { mediaType: mediaTypes.ociEmpty, digest: image.layers[0]!.digest, size: image.layers[0]!.size }
    const top = recordOf(
      { schemaVersion: 2, mediaType: mediaTypes.ociManifest, artifactType: 'application/x', config, layers: [] },
      mediaTypes.ociManifest,
    )
    const destination = memoryDestination()
    await copyImage(memorySource({ ...image, top, manifests: [top] }), destination)
    expect(destination.committed).toEqual(top.descriptor)
  })
})

describe('blobs', () => {
  test('that are there are not sent again, and those that stand twice are sent once', async () => {
    const layer = noise(500)
    const image = testImage({ layers: [layer, layer, noise(600, 3)] })
    const destination = memoryDestination()
    destination.blobs.set(image.layers[2]!.digest, new Uint8Array())
    const progress: CopyProgress[] = []
    await copyImage(memorySource(image), destination, { onProgress: (event) => progress.push(event) })
    expect(destination.order.filter((step) => step.startsWith('blob'))).toHaveLength(2)
    expect(progress.filter(({ type }) => type === 'blob:exists')).toHaveLength(1)
    const resolved = progress.find((event) => event.type === 'copy:resolved')
    expect(resolved).toMatchObject({ layers: 2 })
  })

  test('are sent in the order of the manifest, some at a time', async () => {
    const image = testImage({ layers: Array.from({ length: 9 }, (_, index) => noise(3000, index + 1)) })
    let open = 0
    let most = 0
    const source = memorySource(image)
    const watched: ImageSource = {
      ...source,
      openBlob: async (...request) => {
        most = Math.max(most, ++open)
        const stream = await source.openBlob(...request)
        return { ...stream, chunks: after(stream.chunks, () => open--) }
      },
    }
    const destination = memoryDestination()
    await copyImage(watched, destination, { concurrency: 4 })
    expect(most).toBe(4)
    expect(destination.order.filter((step) => step.startsWith('blob')).slice(1)).toEqual(image.layers.map(({ digest }) => `blob ${digest}`))
  })

  test('that always break off are given up, those that get on are not', async () => {
    const image = testImage({ layers: [noise(8 * 1024 * 1024)] })
    const source = memorySource(image)
    const breaking = (afterBytes: number): ImageSource => ({
      ...source,
      openBlob: async (descriptor, { offset = 0 } = {}) => ({
        offset,
        chunks: broken(image.blobs.get(descriptor.digest)!.subarray(offset), afterBytes),
      }),
    })
    const clock = scriptedClock()
    await copyImage(breaking(1024 * 1024), memoryDestination(), { clock, retries: 2 })
    await expect(copyImage(breaking(1000), memoryDestination(), { clock, retries: 2 })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_INTERRUPTED',
    })
  })
})

test('platform and all platforms contradict each other', async () => {
  await expect(copyImage(memorySource(testImage()), memoryDestination(), { platform: s390x, platforms: 'all' })).rejects.toThrow(TypeError)
})

test('a listener that throws breaks nothing', async () => {
  const onProgress = (): never => {
    throw new Error('from the listener')
  }
  await expect(copyImage(memorySource(testImage()), memoryDestination(), { onProgress })).resolves.toBeDefined()
})

async function* after(chunks: AsyncIterable<Uint8Array>, end: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } finally {
    end()
  }
}

async function* broken(bytes: Uint8Array, afterBytes: number): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, afterBytes)
  if (bytes.length > afterBytes) throw new DistributionError('ERR_REGISTRY_INTERRUPTED', 'scripted', { retryable: true })
}
