import { copyImage, createDirectoryDestination, createDirectorySource } from '@podwright/distribution'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { noise, testImage, testIndex } from './fixtures/image.ts'
import { memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { useDirectory } from './fixtures/places.ts'

const at = useDirectory()
const image = testImage({ layers: [noise(100_000)] })
const other = testImage({ docker: true, layers: [noise(5, 2)] })
const index = testIndex([
  [{ os: 'linux', architecture: 'amd64' }, image],
  [{ os: 'linux', architecture: 's390x' }, other],
])

test('has the files that skopeo has', async () => {
  await copyImage(memorySource(index), createDirectoryDestination(at('d')), { platforms: 'all' })
  const hex = (digest: string): string => digest.slice('sha256:'.length)
  const nested = index.manifests.slice(0, 2).map(({ descriptor }) => `${hex(descriptor.digest)}.manifest.json`)
  expect(readdirSync(at('d')).toSorted()).toEqual(['manifest.json', 'version', ...[...index.blobs.keys()].map(hex), ...nested].toSorted())
  expect(readFileSync(at('d/manifest.json'))).toEqual(Buffer.from(index.top.bytes))
  expect(readFileSync(at('d/version'), 'utf8')).toBe('Directory Transport Version: 1.1\n')
})

test('gives back what went in, and holds one image at a time', async () => {
  for (const [put, options] of [
    [index, { platforms: 'all' }],
    [other, { platform: { os: 'linux', architecture: 'amd64' } }],
  ] as const) {
    await copyImage(memorySource(put), createDirectoryDestination(at('d')), options)
    const destination = memoryDestination()
    const result = await copyImage(createDirectorySource(at('d')), destination, options)
    expect(result.committed).toEqual(put.top.descriptor)
    expect([...destination.blobs.keys()].toSorted()).toEqual([...put.blobs.keys()].toSorted())
  }
  expect(readdirSync(at('d'))).toHaveLength(2 + other.blobs.size)
})

test('a copy that fails leaves the image that was there', async () => {
  await copyImage(memorySource(image), createDirectoryDestination(at('d')))
  const layer = other.layers[0]!
  const lying = memorySource({ ...other, blobs: new Map(other.blobs).set(layer.digest, noise(layer.size, 3)) })
  {
    await using destination = createDirectoryDestination(at('d'))
    await expect(copyImage(lying, destination)).rejects.toMatchObject({ code: 'ERR_BLOB_DIGEST_MISMATCH' })
  }
  const result = await copyImage(createDirectorySource(at('d')), memoryDestination())
  expect(result.top).toEqual(image.top.descriptor)
  expect(readdirSync(at('d')).filter((name) => name.startsWith('.'))).toEqual([])
})

test('a directory of something else is left alone', async () => {
  mkdirSync(at('d'))
  writeFileSync(at('d/precious'), '')
  await expect(copyImage(memorySource(image), createDirectoryDestination(at('d')))).rejects.toMatchObject({
    code: 'ERR_IMAGE_DIRECTORY_INVALID',
  })
  expect(readdirSync(at('d'))).toEqual(['precious'])
})

test.each([
  ['is not there', () => {}, 'ERR_IMAGE_DIRECTORY_NOT_FOUND'],
  ['has another version', () => writeFileSync(at('d/version'), 'Directory Transport Version: 2.0\n'), 'ERR_IMAGE_DIRECTORY_INVALID'],
  ['has a blob that is cut short', () => writeFileSync(at('d', image.layers[0]!.digest.slice(7)), 'x'), 'ERR_IMAGE_DIRECTORY_INVALID'],
  ['has a manifest that is none', () => writeFileSync(at('d/manifest.json'), '{}'), 'ERR_DOCUMENT_INVALID'],
  ['has a manifest that is too large', () => writeFileSync(at('d/manifest.json'), Buffer.alloc(5_000_000)), 'ERR_IMAGE_DIRECTORY_INVALID'],
])('one that %s is refused', async (what, damage, code) => {
  if (what !== 'is not there') await copyImage(memorySource(image), createDirectoryDestination(at('d')))
  damage()
  await expect(copyImage(createDirectorySource(at('d')), memoryDestination())).rejects.toMatchObject({ code })
})
