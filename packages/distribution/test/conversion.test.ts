import type { ImageDestination } from '@podwright/contracts'
import { copyImage, type CopyOptions } from '@podwright/distribution'
import { type Descriptor, encodeDocument, describe as describeBytes, mediaTypes, parseManifest } from '@podwright/oci'
import { describe, expect, test } from 'vitest'
import { recordOf, testIndex, type TestImage, types } from './fixtures/image.ts'
import { type MemoryDestination, memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { realImage } from './fixtures/real-image.ts'

const formats = ['oci', 'docker'] as const
const compressions = ['none', 'gzip', 'zstd'] as const

const targets = formats
  .flatMap((to) => compressions.map((compression) => ({ to, compression })))
  .filter(({ to, compression }) => to !== 'docker' || compression !== 'zstd')

const cases = formats.flatMap((from) => compressions.flatMap((packed) => targets.map((target) => ({ from, packed, ...target }))))

test.each(cases)('$from with $packed to $to with $compression', async ({ from, packed, to, compression }) => {
  const image = realImage({ format: from, compression: packed })
  const { result, manifest, destination } = await copy(image, { format: to, compression })
  expect(result.committed.mediaType).toBe(types[to].manifest)
  // The image's id.
  expect(manifest.config.digest).toBe(image.config)
  expect(manifest.config.mediaType).toBe(types[to].config)
  expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual(image.layers.map(() => types[to][compression]))
  // Back to where it came from: the same bytes unpacked.
  const plain = await copy({ ...image, ...fromMemory(destination) }, { format: 'oci', compression: 'none' })
  expect(plain.manifest.layers.map(({ digest }) => digest)).toEqual(diffIdsOf(image))
})

test('Docker images have no zstd', async () => {
  await expect(copy(realImage(), { format: 'docker', compression: 'zstd' })).rejects.toThrow(TypeError)
})

describe('a part of what an image could become', () => {
  test('format alone leaves layers as they are, but for zstd, which Docker images have not', async () => {
    const gzip = realImage({ compression: 'gzip' })
    expect((await copy(gzip, { format: 'docker' })).manifest.layers.map(({ digest }) => digest)).toEqual(
      gzip.layers.map(({ digest }) => digest),
    )
    const zstd = await copy(realImage({ compression: 'zstd' }), { format: 'docker' })
    expect(zstd.manifest.layers.map(({ mediaType }) => mediaType)).toEqual([mediaTypes.dockerLayerGzip, mediaTypes.dockerLayerGzip])
  })

  test('zstd makes a Docker image an OCI one', async () => {
    const { result } = await copy(realImage({ format: 'docker' }), { compression: 'zstd' })
    expect(result.committed.mediaType).toBe(mediaTypes.ociManifest)
  })

  test('what is so already is not touched, digests preserved', async () => {
    const image = realImage()
    const { result } = await copy(image, { format: 'oci', compression: 'gzip', preserveDigests: true })
    expect(result.committed).toEqual(image.top.descriptor)
  })

  test.each([
    [{ format: 'docker' }, 'its format would become docker'],
    [{ compression: 'zstd' }, '2 of its layers'],
  ] as const)('digests can not be preserved with %j', async (options, message) => {
    await expect(copy(realImage(), { ...options, preserveDigests: true })).rejects.toMatchObject({
      code: 'ERR_DIGESTS_NOT_PRESERVED',
      message: expect.stringContaining(message),
    })
  })

  test('annotations stay where the format has them, but for those of the packing', async () => {
    const image = annotated({ 'io.github.containers.zstd-chunked.manifest-position': '1', kept: 'yes' })
    const { manifest } = await copy(image, { compression: 'none' })
    expect(manifest.annotations).toEqual({ top: 'yes' })
    expect(manifest.layers[0]?.annotations).toEqual({ kept: 'yes' })
    expect((await copy(image, { format: 'docker' })).manifest.annotations).toBeUndefined()
  })

  test('layers that are the same are packed once', async () => {
    const { destination, manifest } = await copy(realImage({ repeated: true }), { compression: 'zstd' })
    expect(destination.order.filter((step) => step.startsWith('blob'))).toHaveLength(3)
    expect(manifest.layers[0]).toEqual(manifest.layers[2])
  })
})

describe('what is no image', () => {
  const config = encodeDocument({})
  const layer = Buffer.from('anything')
  const blobs = new Map([config, layer].map((bytes) => [describeBytes(bytes, '').digest, bytes]))
  const top = recordOf(
    {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType: 'application/x.thing',
      config: describeBytes(config, mediaTypes.ociEmpty),
      layers: [describeBytes(layer, 'application/x.layer')],
      unknown: { kept: true },
    },
    mediaTypes.ociManifest,
  )
  const artifact: TestImage = { top, manifests: [top], layers: [], config: describeBytes(config, '').digest, blobs }

  test.each([{}, { format: 'docker' }, { compression: 'zstd' }, { preserveDigests: true }] as const)(
    'stays as it is with %j',
    async (options) => {
      const { result, destination } = await copy(artifact, options)
      expect(destination.manifests.get(result.committed.digest)?.bytes).toBe(top.bytes)
    },
  )
})

describe('an index', () => {
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x']
  const images = platforms.map((text) => realImage({ platform: { os: 'linux', architecture: text.slice(6) }, seed: text }))
  const entries = images.map((image, position) => [{ os: 'linux', architecture: platforms[position]!.slice(6) }, image] as const)
  const index = testIndex(entries)

  test('is made smaller where it can not be kept in part', async () => {
    const { result, destination } = await copy(index, { platforms: ['linux/s390x', 'linux/amd64'] }, { sparseIndex: false })
    expect(result.committed.digest).not.toBe(index.top.descriptor.digest)
    const parsed = parseManifest(destination.manifests.get(result.committed.digest)!.bytes)
    expect(parsed.kind === 'index' && parsed.index.manifests.map(({ platform }) => platform?.architecture)).toEqual(['amd64', 's390x'])
    expect(destination.manifests.has(images[1]!.top.descriptor.digest)).toBe(false)
  })

  test('is kept where it can be, and not made smaller when digests are to be preserved', async () => {
    const kept = await copy(index, { platforms: ['linux/s390x', 'linux/amd64'], preserveDigests: true })
    expect(kept.result.committed).toEqual(index.top.descriptor)
    await expect(copy(index, { platforms: ['linux/s390x'], preserveDigests: true }, { sparseIndex: false })).rejects.toMatchObject({
      code: 'ERR_DIGESTS_NOT_PRESERVED',
    })
  })

  test('has all platforms that are asked for', async () => {
    await expect(copy(index, { platforms: ['linux/amd64', 'linux/riscv64'] })).rejects.toMatchObject({ code: 'ERR_PLATFORM_NOT_FOUND' })
    await expect(copy(images[0]!, { platforms: ['linux/amd64', 'linux/arm64'] })).rejects.toMatchObject({ code: 'ERR_PLATFORM_NOT_FOUND' })
    await expect(copy(index, { platforms: [] })).rejects.toThrow(TypeError)
  })

  test.each(formats)('is converted with all its images, to %s', async (format) => {
    const source = testIndex(
      entries.map(([platform], position) => [
        platform,
        realImage({ platform, seed: `${position}`, format: format === 'oci' ? 'docker' : 'oci' }),
      ]),
    )
    const { result, destination } = await copy(source, { platforms: 'all', format })
    const parsed = parseManifest(destination.manifests.get(result.committed.digest)!.bytes)
    if (parsed.kind !== 'index') throw new Error('no index')
    expect(parsed.mediaType).toBe(format === 'oci' ? mediaTypes.ociIndex : mediaTypes.dockerManifestList)
    expect(parsed.index.manifests.map(({ mediaType }) => mediaType)).toEqual(platforms.map(() => types[format].manifest))
    expect(parsed.index.manifests.map(({ platform }) => platform?.architecture)).toEqual(platforms.map((text) => text.slice(6)))
    for (const { digest } of parsed.index.manifests) expect(destination.manifests.has(digest)).toBe(true)
  })

  test('brings the attestations of its images, which name them by their new digests', async () => {
    const [image] = images as [TestImage]
    const about = (digest: string): object => ({
      ...images[1]!.top.descriptor,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.digest': digest },
    })
    const manifests = [
      { ...image.top.descriptor, platform: entries[0]![0] },
      { ...images[2]!.top.descriptor, platform: entries[2]![0] },
      about(image.top.descriptor.digest),
    ]
    const top = recordOf({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }, mediaTypes.ociIndex)
    const attested = { ...index, top, manifests: [...index.manifests, top] }
    const { result, destination } = await copy(
      attested,
      { platforms: ['linux/amd64', 'linux/s390x'], compression: 'zstd' },
      { sparseIndex: false },
    )
    const parsed = parseManifest(destination.manifests.get(result.committed.digest)!.bytes)
    if (parsed.kind !== 'index') throw new Error('no index')
    const [first, , attestation] = parsed.index.manifests
    expect(attestation?.annotations?.['vnd.docker.reference.digest']).toBe(first?.digest)
    expect(first?.digest).not.toBe(image.top.descriptor.digest)
  })
})

test('a destination that takes streams gets layers on the way, and known ones by their digest', async () => {
  const image = realImage()
  const taken: (string | undefined)[] = []
  const destination = memoryDestination()
  const streaming: ImageDestination = {
    ...destination,
    putStream: async (chunks, { expected } = {}) => {
      taken.push(expected)
      const parts: Uint8Array[] = []
      for await (const chunk of chunks) parts.push(chunk.slice())
      const bytes = Buffer.concat(parts)
      const { digest, size } = describeBytes(bytes, '')
      destination.blobs.set(digest, bytes)
      return { digest, size }
    },
  }
  await copyImage(memorySource(image), streaming, { compression: 'none' })
  expect(taken.toSorted()).toEqual(diffIdsOf(image).toSorted())
  for (const digest of diffIdsOf(image)) expect(destination.blobs.has(digest as never)).toBe(true)
})

interface Copied {
  readonly result: Awaited<ReturnType<typeof copyImage>>
  readonly destination: MemoryDestination
  readonly manifest: { readonly config: Descriptor; readonly layers: readonly Descriptor[]; readonly annotations?: object | undefined }
}

async function copy(image: TestImage, options: CopyOptions, limits: { readonly sparseIndex?: boolean } = {}): Promise<Copied> {
  const destination = memoryDestination(limits)
  const result = await copyImage(memorySource(image), destination, options)
  const bytes = destination.manifests.get(result.images[0]!.manifest.digest)!.bytes
  const parsed = parseManifest(bytes)
  if (parsed.kind !== 'manifest') throw new Error('no manifest')
  return { result, destination, manifest: parsed.manifest }
}

function fromMemory({ manifests, committed, blobs }: MemoryDestination): Pick<TestImage, 'top' | 'manifests' | 'blobs'> {
  return { top: manifests.get(committed!.digest)!, manifests: [...manifests.values()], blobs }
}

function diffIdsOf(image: TestImage): string[] {
  const config = JSON.parse(Buffer.from(image.blobs.get(image.config)!).toString()) as { rootfs: { diff_ids: string[] } }
  return config.rootfs.diff_ids
}

function annotated(annotations: Record<string, string>): TestImage {
  const image = realImage()
  const document = JSON.parse(Buffer.from(image.top.bytes).toString()) as { layers: object[] }
  const layers = document.layers.map((layer) => ({ ...layer, annotations }))
  const top = recordOf({ ...document, layers, annotations: { top: 'yes' } }, mediaTypes.ociManifest)
  return { ...image, top, manifests: [top] }
}
