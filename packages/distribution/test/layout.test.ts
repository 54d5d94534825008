import { copyImage, createLayoutDestination, createLayoutSource } from '@podwright/distribution'
import { type Descriptor, parsePlatform } from '@podwright/oci'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { noise, testImage, testIndex } from './fixtures/image.ts'
import { memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { skopeoMissing } from './fixtures/skopeo.ts'

let directory: string
const image = testImage({ layers: [noise(1_000_000), noise(5)] })
const other = testImage({ platform: parsePlatform('linux/s390x'), layers: [noise(77, 4)] })
const index = testIndex([
  [parsePlatform('linux/amd64'), image],
  [parsePlatform('linux/s390x'), other],
])

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'layout-')), 'image')
})
afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }))

test('what goes in comes out', async () => {
  await copyImage(memorySource(index), createLayoutDestination(directory, { name: 'all' }), { platforms: 'all' })
  await copyImage(memorySource(image), createLayoutDestination(directory, { name: 'one' }))
  for (const [name, expected] of [
    ['all', index],
    ['one', image],
  ] as const) {
    const destination = memoryDestination()
    const result = await copyImage(createLayoutSource(directory, { name }), destination, { platforms: 'all' })
    expect(result.committed.digest).toBe(expected.top.descriptor.digest)
    expect([...destination.blobs.keys()].toSorted()).toEqual([...expected.blobs.keys()].toSorted())
  }
  expect(readdirSync(join(directory, 'blobs/sha256')).filter((name) => name.startsWith('.'))).toEqual([])
})

test('a name leads to the image that got it last', async () => {
  await copyImage(memorySource(image), createLayoutDestination(directory, { name: 'x' }))
  await copyImage(memorySource(other), createLayoutDestination(directory, { name: 'x' }))
  await copyImage(memorySource(other), createLayoutDestination(directory))
  await copyImage(memorySource(other), createLayoutDestination(directory))
  const { manifests } = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as { manifests: unknown[] }
  expect(manifests).toEqual([{ ...other.top.descriptor, annotations: { 'org.opencontainers.image.ref.name': 'x' } }, other.top.descriptor])
  expect((await createLayoutSource(directory).manifest()).descriptor.digest).toBe(other.top.descriptor.digest)
})

describe('refused', () => {
  test('is a choice among several', async () => {
    await copyImage(memorySource(image), createLayoutDestination(directory, { name: 'x' }))
    await copyImage(memorySource(other), createLayoutDestination(directory, { name: 'y' }))
    await expect(createLayoutSource(directory).manifest()).rejects.toMatchObject({
      code: 'ERR_LAYOUT_AMBIGUOUS',
      hint: 'Name one of x, y.',
    })
    await expect(createLayoutSource(directory, { name: 'z' }).manifest()).rejects.toMatchObject({
      code: 'ERR_LAYOUT_NOT_FOUND',
      hint: 'There are x, y.',
    })
    const byDigest = createLayoutSource(directory, { name: image.top.descriptor.digest })
    expect((await byDigest.manifest()).bytes).toEqual(Buffer.from(image.top.bytes))
  })

  test('is a directory that is not there, or something else', async () => {
    await expect(createLayoutSource(directory).manifest()).rejects.toMatchObject({ code: 'ERR_LAYOUT_NOT_FOUND' })
    const parent = join(directory, '..')
    writeFileSync(join(parent, 'precious'), '')
    await expect(createLayoutSource(parent).manifest()).rejects.toMatchObject({ code: 'ERR_LAYOUT_INVALID' })
    await expect(copyImage(memorySource(image), createLayoutDestination(parent))).rejects.toMatchObject({ code: 'ERR_LAYOUT_INVALID' })
    expect(readdirSync(parent)).toEqual(['precious'])
  })

  test('is what is damaged', async () => {
    await copyImage(memorySource(image), createLayoutDestination(directory))
    const [layer] = image.layers as [Descriptor]
    const path = (digest: string): string => join(directory, 'blobs', digest.replace(':', '/'))
    const manifest = readFileSync(path(image.top.descriptor.digest))
    writeFileSync(path(image.top.descriptor.digest), Buffer.concat([manifest, Buffer.from(' ')]))
    await expect(createLayoutSource(directory).manifest()).rejects.toMatchObject({ code: 'ERR_LAYOUT_INVALID' })
    writeFileSync(path(image.top.descriptor.digest), manifest)
    writeFileSync(path(layer.digest), 'short')
    await expect(createLayoutSource(directory).openBlob(layer)).rejects.toMatchObject({ code: 'ERR_LAYOUT_INVALID' })
    rmSync(path(layer.digest))
    await expect(createLayoutSource(directory).openBlob(layer)).rejects.toMatchObject({ code: 'ERR_LAYOUT_NOT_FOUND' })
    writeFileSync(join(directory, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}')
    await expect(createLayoutSource(directory).manifest()).rejects.toMatchObject({
      code: 'ERR_LAYOUT_INVALID',
      message: expect.stringContaining('2.0.0'),
    })
  })

  test('is a wrong blob, and nothing is left of it', async () => {
    const [layer] = image.layers as [Descriptor]
    const wrong = new Map(image.blobs).set(layer.digest, noise(layer.size, 9))
    const lying = memorySource({ ...image, blobs: wrong })
    await expect(copyImage(lying, createLayoutDestination(directory), { concurrency: 1 })).rejects.toMatchObject({
      code: 'ERR_BLOB_DIGEST_MISMATCH',
    })
    expect(existsSync(join(directory, 'index.json'))).toBe(false)
    expect(readdirSync(join(directory, 'blobs/sha256'))).toEqual([image.config.slice('sha256:'.length)])
  })
})

describe.skipIf(skopeoMissing)('skopeo', () => {
  test('reads what we write', async () => {
    await copyImage(memorySource(index), createLayoutDestination(directory, { name: 'x' }), { platforms: 'all' })
    const raw = execFileSync('skopeo', ['inspect', '--raw', `oci:${directory}:x`])
    expect(raw).toEqual(Buffer.from(index.top.bytes))
  })

  test('writes what we read', async () => {
    await copyImage(memorySource(image), createLayoutDestination(directory, { name: 'x' }))
    const theirs = join(directory, '..', 'theirs')
    execFileSync('skopeo', ['copy', '-q', `oci:${directory}:x`, `oci:${theirs}:y`])
    const destination = memoryDestination()
    await copyImage(createLayoutSource(theirs, { name: 'y' }), destination)
    expect(destination.committed?.digest).toBe(image.top.descriptor.digest)
  })
})
