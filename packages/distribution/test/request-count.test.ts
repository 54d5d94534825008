import {
  copyImage,
  createRegistryClient,
  createRegistryDestination,
  createRegistrySource,
  type RegistryClient,
} from '@podwright/distribution'
import { type Digest, digestOf, parsePlatform, parseReference, type Reference } from '@podwright/oci'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noise, testImage, type TestImage, testIndex } from './fixtures/image.ts'
import { memoryDestination } from './fixtures/memory-image.ts'
import { type ScriptedRegistry, startScriptedRegistry } from './fixtures/scripted-registry.ts'

// How often a registry is asked: each request counts against its limits, and takes the time of a way there and back.

const single = testImage({ layers: Array.from({ length: 4 }, (_, number) => noise(1000, number + 1)) })
const index = testIndex([
  [parsePlatform('linux/amd64'), single],
  [parsePlatform('linux/arm64'), testImage({ platform: parsePlatform('linux/arm64'), layers: [noise(99, 9)] })],
])

let registry: ScriptedRegistry
let client: RegistryClient
let reference: Reference
beforeEach(async () => {
  registry = await startScriptedRegistry()
  client = createRegistryClient({}, { tlsVerify: false })
  reference = parseReference(`${registry.host}/a/b:1`)
  await client.check(reference)
  registry.requests.length = 0
})
afterEach(async () => {
  await client[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
})

const asked = (): string[] =>
  registry.requests.map(({ method, path }) => `${method} ${path.replace(/(?:sha256:|=sha256%3A)[0-9a-f]+|session.*/, '…')}`)

test.each<readonly [string, TestImage]>([
  ['an image', single],
  ['an index', index],
])('a pull of %s that is all here is one request', async (_, image) => {
  registry.add('a/b', '1', image)
  const destination = memoryDestination()
  const platform = parsePlatform('linux/amd64')
  await copyImage(createRegistrySource({ client }, reference), destination, { platform })
  registry.requests.length = 0
  const local = async (digest: Digest): Promise<Uint8Array | undefined> =>
    destination.blobs.get(digest) ?? destination.manifests.get(digest)?.bytes
  await copyImage(createRegistrySource({ client }, reference, { local }), destination, { platform })
  expect(asked()).toEqual(['GET /v2/a/b/manifests/1'])
})

test('what is here and is not what it should be is fetched', async () => {
  registry.add('a/b', '1', single)
  const local = async (): Promise<Uint8Array> => new TextEncoder().encode('{}')
  const destination = memoryDestination()
  await copyImage(createRegistrySource({ client }, reference, { local }), destination)
  expect(digestOf(destination.blobs.get(single.config)!)).toBe(single.config)
})

test('a pull asks once for each thing', async () => {
  registry.add('a/b', '1', single)
  await copyImage(createRegistrySource({ client }, reference), memoryDestination())
  expect(asked()).toEqual(['GET /v2/a/b/manifests/1', ...Array.from({ length: 5 }, () => 'GET /v2/a/b/blobs/…')])
})

test('a push of what is there asks for it, and names it', async () => {
  registry.add('a/b', '1', single)
  await copyImage(createRegistrySource({ client }, reference), createRegistryDestination({ client }, { ...reference, repository: 'c/d' }))
  const heads = asked().filter((line) => line.startsWith('HEAD'))
  expect(heads).toHaveLength(5)
  expect(asked().filter((line) => /POST|PATCH/.test(line))).toEqual([])
})
