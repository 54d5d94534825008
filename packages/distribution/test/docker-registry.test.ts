import type { OpenBlobOptions } from '@podwright/contracts'
import {
  copyImage,
  createBuiltInTransports,
  createLayoutDestination,
  createLayoutSource,
  createRegistryClient,
  createRegistryDestination,
  createRegistrySource,
  createTransports,
  fixedCredentials,
  type RegistryClient,
} from '@podwright/distribution'
import { type Descriptor, parsePlatform, parseReference, type Reference } from '@podwright/oci'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DockerRegistry, dockerRegistryMissing, startDockerRegistry } from './fixtures/docker-registry.ts'
import { noise, testImage, testIndex } from './fixtures/image.ts'
import { memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { skopeoMissing } from './fixtures/skopeo.ts'

const image = testImage({ layers: [noise(3_000_000), noise(10, 2), noise(0)] })
const docker = testImage({ docker: true, layers: [noise(1_000_000, 8)] })
const index = testIndex([
  [parsePlatform('linux/amd64'), image],
  [parsePlatform('linux/s390x'), testImage({ platform: parsePlatform('linux/s390x'), layers: [noise(99, 4)] })],
])

describe.skipIf(dockerRegistryMissing)('a real registry', () => {
  let registry: DockerRegistry
  let client: RegistryClient
  const at = (name: string): Reference => parseReference(`${registry.host}/${name}`)

  beforeAll(async () => {
    registry = await startDockerRegistry()
    client = createRegistryClient({}, { tlsVerify: false })
  })
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
    await registry[Symbol.asyncDispose]()
  })

  test.each([
    ['an OCI image', 'oci/image:1', image],
    ['a Docker image', 'docker/image:1', docker],
    ['an index', 'an/index:1', index],
  ])('takes %s and gives it back', async (_, name, pushed) => {
    await copyImage(memorySource(pushed), createRegistryDestination({ client }, at(name)), { platforms: 'all' })
    const destination = memoryDestination()
    await copyImage(createRegistrySource({ client }, at(name)), destination, { platforms: 'all' })
    expect(destination.committed).toEqual(pushed.top.descriptor)
    expect(destination.manifests.get(pushed.top.descriptor.digest)?.bytes).toEqual(Buffer.from(pushed.top.bytes))
    for (const [digest, bytes] of pushed.blobs) expect(Buffer.compare(destination.blobs.get(digest)!, bytes)).toBe(0)
    expect(await client.headManifest(at(name), '1')).toEqual(pushed.top.descriptor)
  })

  test('hands a blob out from an offset', async () => {
    const layer = image.layers[0]!
    await copyImage(memorySource(image), createRegistryDestination({ client }, at('off/set:1')))
    const { offset, chunks } = await client.openBlob(at('off/set'), layer, { offset: 1_000_000 })
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk)
    expect(offset).toBe(1_000_000)
    expect(Buffer.concat(parts).equals(image.blobs.get(layer.digest)!.subarray(1_000_000))).toBe(true)
  })

  test('copies within itself, more layers than connections', async () => {
    const many = testImage({ layers: Array.from({ length: 15 }, (_, number) => noise(200_000, number + 20)) })
    await copyImage(memorySource(many), createRegistryDestination({ client }, at('many/one:1')))
    await copyImage(createRegistrySource({ client }, at('many/one:1')), createRegistryDestination({ client }, at('many/two:1')))
    const mounting = createRegistryDestination({ client }, at('many/three:1'), { mountFrom: ['nowhere/x', 'many/one'] })
    await copyImage(createRegistrySource({ client }, at('many/one:1')), mounting)
    for (const name of ['many/two', 'many/three']) expect(await client.headManifest(at(name), '1')).toEqual(many.top.descriptor)
  })

  test('what goes to another repository of the same registry is taken from there, and not sent', async () => {
    const transports = createTransports(createBuiltInTransports({ client }, { tlsVerify: false }))
    await copyImage(memorySource(image), createRegistryDestination({ client }, at('beside/one:1')))
    const [from, to] = [`docker://${registry.host}/beside/one:1`, `docker://${registry.host}/beside/two:1`]
    const source = await transports.openSource(from)
    const opened: string[] = []
    const watched: typeof source = Object.assign(Object.create(source) as typeof source, {
      openBlob: (descriptor: Descriptor, options?: OpenBlobOptions) => {
        opened.push(descriptor.digest)
        return source.openBlob(descriptor, options)
      },
    })
    await copyImage(watched, await transports.openDestination(to, { source: from }))
    expect(image.layers.filter(({ digest }) => opened.includes(digest))).toEqual([])
    expect(await client.headManifest(at('beside/two'), '1')).toEqual(image.top.descriptor)
  })

  test('lists tags and repositories, and deletes', async () => {
    for (const tag of ['a', 'b', 'c']) await copyImage(memorySource(image), createRegistryDestination({ client }, at(`list/me:${tag}`)))
    expect((await all(client.listTags(at('list/me')))).toSorted()).toEqual(['a', 'b', 'c'])
    expect(await all(client.listRepositories({ registry: registry.host }))).toContain('list/me')
    await client.deleteManifest(at('list/me'), image.top.descriptor.digest)
    expect(await client.headManifest(at('list/me'), 'a')).toBeUndefined()
    await expect(all(client.listTags(at('no/such')))).rejects.toMatchObject({ code: 'ERR_REGISTRY_NOT_FOUND' })
  })

  test('knows no referrers API, but the tag that stands for it', async () => {
    const subject = image.top.descriptor.digest
    await copyImage(memorySource(image), createRegistryDestination({ client }, at('re/ferrers:1')))
    expect(await all(client.referrers(at('re/ferrers'), subject))).toEqual([])
    const [manifest] = index.manifests
    await copyImage(memorySource(index), createRegistryDestination({ client }, { ...at('re/ferrers'), tag: subject.replace(':', '-') }), {
      platforms: 'all',
    })
    const found = await all(client.referrers(at('re/ferrers'), subject))
    expect(found.map(({ digest }) => digest)).toContain(manifest?.descriptor.digest)
    expect(await all(client.referrers(at('re/ferrers'), subject, { artifactType: 'x/y' }))).toEqual([])
  })

  test.each(['no/such:1', 'oci/image:no'])('says that %s is not there', async (name) => {
    await expect(copyImage(createRegistrySource({ client }, at(name)), memoryDestination())).rejects.toMatchObject({
      code: 'ERR_REGISTRY_NOT_FOUND',
      message: expect.stringContaining(`${registry.host}/${name}`),
    })
  })

  describe.skipIf(skopeoMissing)('shared with skopeo', () => {
    test('gives us what skopeo pushed, and skopeo what we pushed', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'skopeo-'))
      try {
        await copyImage(memorySource(index), createLayoutDestination(join(directory, 'ours'), { name: 'x' }), { platforms: 'all' })
        const remote = `docker://${registry.host}/sko/peo:1`
        execFileSync('skopeo', ['copy', '-q', '--all', '--dest-tls-verify=false', `oci:${directory}/ours:x`, remote])
        await copyImage(createRegistrySource({ client }, at('sko/peo:1')), createLayoutDestination(join(directory, 'back')), {
          platforms: 'all',
        })
        expect((await createLayoutSource(join(directory, 'back')).manifest()).bytes).toEqual(Buffer.from(index.top.bytes))
        await copyImage(memorySource(docker), createRegistryDestination({ client }, at('sko/back:1')))
        execFileSync('skopeo', ['copy', '-q', '--src-tls-verify=false', `docker://${registry.host}/sko/back:1`, `dir:${directory}/dir`])
        expect(readFileSync(join(directory, 'dir/manifest.json'))).toEqual(Buffer.from(docker.top.bytes))
      } finally {
        rmSync(directory, { recursive: true })
      }
    })
  })
})

describe.skipIf(dockerRegistryMissing)('a real registry with a password', () => {
  let registry: DockerRegistry
  beforeAll(async () => {
    registry = await startDockerRegistry({ basicAuth: true })
  })
  afterAll(() => registry[Symbol.asyncDispose]())

  const clientFor = (password?: string): RegistryClient =>
    createRegistryClient(
      password === undefined ? {} : { credentials: fixedCredentials(registry.host, { type: 'basic', username: 'user', password }) },
      { tlsVerify: false },
    )

  test('lets in who has it', async () => {
    await using client = clientFor('secret')
    const reference = parseReference(`${registry.host}/a/b:1`)
    await client.check(reference)
    await copyImage(memorySource(image), createRegistryDestination({ client }, reference))
    const destination = memoryDestination()
    await copyImage(createRegistrySource({ client }, reference), destination)
    expect(destination.committed).toEqual(image.top.descriptor)
  })

  test.each([undefined, 'wrong'])('keeps out who has not: %s', async (password) => {
    await using client = clientFor(password)
    await expect(client.check({ registry: registry.host })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNAUTHORIZED',
      details: { status: 401 },
    })
  })
})

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
