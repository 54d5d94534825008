import {
  copyImage,
  createArtifactSource,
  createRegistryClient,
  createRegistryDestination,
  createRegistrySource,
  deleteImage,
  extractArtifact,
  readArtifact,
  type RegistryClient,
} from '@podwright/distribution'
import { type Descriptor, type Digest, mediaTypes, parseReference, type Reference } from '@podwright/oci'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type DockerRegistry, dockerRegistryMissing, startDockerRegistry } from './fixtures/docker-registry.ts'
import { recordOf, testImage } from './fixtures/image.ts'
import { memorySource } from './fixtures/memory-image.ts'
import { refuse, type ScriptedRegistry, startScriptedRegistry } from './fixtures/scripted-registry.ts'
import { skopeoMissing } from './fixtures/skopeo.ts'

let directory: string
let registry: ScriptedRegistry
let client: RegistryClient
let reference: Reference

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'artifact-'))
  registry = await startScriptedRegistry()
  client = createRegistryClient({}, { tlsVerify: false, retries: 0 })
  reference = parseReference(`${registry.host}/a/b:1`)
})
afterEach(async () => {
  await client[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

function file(name: string, text: string): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const push = async (to: Reference, options: Parameters<typeof createArtifactSource>[1] = {}, text = 'hello'): Promise<Descriptor> => {
  const source = await createArtifactSource([{ path: file('hello.txt', text), mediaType: 'text/plain' }], options)
  return (await copyImage(source, createRegistryDestination({ client }, to))).top
}

describe('an artifact', () => {
  test('goes out and comes back', async () => {
    const files = [
      { path: file('one.txt', 'one'), mediaType: 'text/plain', annotations: { 'x/y': 'z' } },
      { path: file('two.bin', 'two'), title: 'deep/er/two.bin' },
    ]
    const options = { artifactType: 'application/vnd.example', annotations: { a: 'b' } }
    await copyImage(await createArtifactSource(files, options), createRegistryDestination({ client }, reference))
    const source = createRegistrySource({ client }, reference)
    const artifact = await readArtifact(source)
    expect(artifact).toMatchObject({
      artifactType: 'application/vnd.example',
      manifest: { annotations: { a: 'b' }, config: { mediaType: mediaTypes.ociEmpty, size: 2 } },
    })
    expect(artifact.blobs.map(({ title, descriptor }) => [title, descriptor.mediaType, descriptor.annotations?.['x/y']])).toEqual([
      ['one.txt', 'text/plain', 'z'],
      ['deep/er/two.bin', 'application/octet-stream', undefined],
    ])
    const extracted = await extractArtifact(source, join(directory, 'out'))
    expect(extracted.map(({ path }) => readFileSync(path, 'utf8'))).toEqual(['one', 'two'])
    expect(readFileSync(join(directory, 'out/deep/er/two.bin'), 'utf8')).toBe('two')
    await extractArtifact(source, join(directory, 'some'), { only: ['one.txt'] })
    expect(existsSync(join(directory, 'some/deep'))).toBe(false)
    await expect(extractArtifact(source, directory, { only: ['three'] })).rejects.toMatchObject({ code: 'ERR_ARTIFACT_INVALID' })
  })

  test('of the same files is the same', async () => {
    expect(await push(reference)).toEqual(await push({ ...reference, tag: '2' }))
  })

  test('of nothing has the empty blob', async () => {
    await copyImage(await createArtifactSource([], { artifactType: 'a/b' }), createRegistryDestination({ client }, reference))
    const source = createRegistrySource({ client }, reference)
    expect(await extractArtifact(source, directory)).toEqual([])
    expect((await readArtifact(source)).manifest.layers).toHaveLength(1)
  })

  test('whose file changes meanwhile is refused', async () => {
    const path = file('x', 'before')
    const source = await createArtifactSource([{ path }])
    writeFileSync(path, 'after!')
    await expect(copyImage(source, createRegistryDestination({ client }, reference))).rejects.toMatchObject({
      code: 'ERR_BLOB_DIGEST_MISMATCH',
    })
  })

  test.each([['.'], ['/dev/null']])('is not made of %s', async (path) => {
    await expect(createArtifactSource([{ path }])).rejects.toMatchObject({ code: 'ERR_ARTIFACT_INVALID' })
  })

  test.each([
    [['../x']],
    [['/etc/passwd']],
    [['a/../../x']],
    [['a//b']],
    [['']],
    [['.']],
    [['a\\b']],
    [['C:x']],
    [['x\0']],
    [['a', 'A']],
    [['a', 'a/b']],
  ])('with the names %j is neither made nor extracted', async (titles) => {
    const path = file('x', 'x')
    const files = titles.map((title) => ({ path, title }))
    await expect(createArtifactSource(files)).rejects.toMatchObject({ code: 'ERR_ARTIFACT_INVALID' })
    const source = await createArtifactSource([{ path }])
    const { bytes } = await source.manifest()
    const manifest = JSON.parse(new TextDecoder().decode(bytes)) as { layers: object[] }
    const layers = titles.map((title) => ({ ...manifest.layers[0], annotations: { 'org.opencontainers.image.title': title } }))
    const hostile = recordOf({ ...manifest, layers }, mediaTypes.ociManifest)
    const out = join(directory, 'out')
    await expect(extractArtifact({ ...source, manifest: async () => hostile }, out)).rejects.toMatchObject({ code: 'ERR_ARTIFACT_INVALID' })
    expect(existsSync(out)).toBe(false)
  })

  test('is not written through a link', async () => {
    const out = join(directory, 'out')
    mkdirSync(out)
    mkdirSync(join(directory, 'outside'))
    symlinkSync('../outside', join(out, 'deep'))
    symlinkSync('../outside/new', join(out, 'plain'))
    const path = file('x', 'x')
    await expect(extractArtifact(await createArtifactSource([{ path, title: 'deep/x' }]), out)).rejects.toMatchObject({
      code: 'ERR_ARTIFACT_INVALID',
    })
    await extractArtifact(await createArtifactSource([{ path, title: 'plain' }]), out)
    expect(existsSync(join(directory, 'outside/new'))).toBe(false)
    expect(readFileSync(join(out, 'plain'), 'utf8')).toBe('x')
  })
})

describe('referrers', () => {
  const subject = async (): Promise<Descriptor> => {
    const image = testImage()
    await copyImage(memorySource(image), createRegistryDestination({ client }, reference))
    return image.top.descriptor
  }
  const listed = async (digest: Digest, artifactType?: string): Promise<(string | undefined)[]> =>
    (await all(client.referrers(reference, digest, { artifactType }))).map((entry) => entry.artifactType)
  const unnamed = (digest: Digest): Reference => ({ ...parseReference(`${reference.registry}/a/b`), digest })
  const refer = async (to: Descriptor, artifactType: string): Promise<Digest> => {
    const source = await createArtifactSource([{ path: file('x', artifactType) }], {
      artifactType,
      subject: to,
      annotations: { of: artifactType },
    })
    const { digest } = (await source.manifest()).descriptor
    await copyImage(source, createRegistryDestination({ client }, unnamed(digest)))
    return digest
  }

  test.each([false, true])('come and go, with the API: %s', async (referrersApi) => {
    await registry[Symbol.asyncDispose]()
    registry = await startScriptedRegistry({ referrersApi })
    reference = parseReference(`${registry.host}/a/b:1`)
    const to = await subject()
    const one = await refer(to, 'x/one')
    await refer(to, 'x/two')
    await refer(to, 'x/two')
    expect((await listed(to.digest)).toSorted()).toEqual(['x/one', 'x/two'])
    expect(await listed(to.digest, 'x/two')).toEqual(['x/two'])
    expect((await all(client.referrers(reference, to.digest)))[0]?.annotations).toBeDefined()
    expect([...registry.manifests.keys()].some((key) => key.includes(':sha256-'))).toBe(!referrersApi)
    await deleteImage({ client }, unnamed(one))
    expect(await listed(to.digest)).toEqual(['x/two'])
  })

  test('that cross each other are all kept', async () => {
    const to = await subject()
    const types = Array.from({ length: 4 }, (_, number) => `x/${number}`)
    for (const type of types) file(`x-${type.slice(2)}`, type)
    await Promise.all(
      types.map(async (artifactType) => {
        const source = await createArtifactSource([{ path: join(directory, `x-${artifactType.slice(2)}`) }], { artifactType, subject: to })
        const { digest } = (await source.manifest()).descriptor
        await copyImage(source, createRegistryDestination({ client }, unnamed(digest)))
      }),
    )
    expect((await listed(to.digest)).toSorted()).toEqual(types)
  })
})

describe('deleting', () => {
  test('what is not there, or what the registry does not delete', async () => {
    await expect(deleteImage({ client }, reference)).rejects.toMatchObject({ code: 'ERR_REGISTRY_NOT_FOUND' })
    await push(reference)
    registry.intercept('DELETE', /./, (_, response) => refuse(response, 405, 'UNSUPPORTED'), 3)
    const unsupported = { code: 'ERR_REGISTRY_UNSUPPORTED', hint: expect.stringContaining('REGISTRY_STORAGE_DELETE_ENABLED') }
    await expect(deleteImage({ client }, reference)).rejects.toMatchObject(unsupported)
    await expect(client.deleteBlob(reference, `sha256:${'0'.repeat(64)}`)).rejects.toMatchObject(unsupported)
    const byDigest = { code: 'ERR_REGISTRY_UNSUPPORTED', hint: expect.stringContaining('by its digest') }
    await expect(deleteImage({ client }, reference, { tagOnly: true })).rejects.toMatchObject(byDigest)
  })

  test('a tag alone leaves the others', async () => {
    const { digest } = await push(reference)
    await push({ ...reference, tag: '2' })
    expect(await deleteImage({ client }, reference, { tagOnly: true })).toEqual({ digest: undefined })
    expect(await all(client.listTags(reference))).toEqual(['2'])
    expect(await deleteImage({ client }, { ...reference, tag: '2' })).toEqual({ digest })
  })

  test('an image that can not be read', async () => {
    const old = recordOf({ schemaVersion: 1 }, mediaTypes.dockerManifestV1Signed)
    registry.manifests.set('a/b:1', old).set(`a/b@${old.descriptor.digest}`, old)
    expect(await deleteImage({ client }, reference)).toEqual({ digest: old.descriptor.digest })
    expect(registry.manifests.size).toBe(0)
  })
})

test('tags come page by page, and only from the registry', async () => {
  const tags = Array.from({ length: 2500 }, (_, number) => `t${String(number).padStart(4, '0')}`)
  const { top } = testImage()
  for (const tag of tags) registry.manifests.set(`a/b:${tag}`, top)
  expect(await all(client.listTags(reference))).toEqual(tags)
  expect(registry.requests.filter(({ path }) => path.includes('tags/list')).map(({ path }) => path)).toEqual([
    '/v2/a/b/tags/list?n=1000',
    '/v2/a/b/tags/list?n=1000&last=t0999',
    '/v2/a/b/tags/list?n=1000&last=t1999',
  ])
  await using elsewhere = await startScriptedRegistry()
  registry.intercept('GET', /tags/, (_request, _response, serve) =>
    serve((answer) => ({
      ...answer,
      headers: { ...answer.headers, link: `<http://${elsewhere.host}/v2/a/b/tags/list?n=1000&last=t2498>; rel="next"` },
    })),
  )
  expect((await all(client.listTags(reference))).at(-1)).toBe('t2499')
  expect(elsewhere.requests).toHaveLength(0)
})

describe.skipIf(dockerRegistryMissing)('a real registry', () => {
  let real: DockerRegistry
  beforeAll(async () => {
    real = await startDockerRegistry()
  })
  afterAll(() => real[Symbol.asyncDispose]())

  test('takes an artifact, keeps what refers to it, and deletes it', async () => {
    const there = parseReference(`${real.host}/art/i/fact:1`)
    const top = await push(there, { artifactType: 'x/y' })
    const source = await createArtifactSource([{ path: file('sig', 'sig') }], { artifactType: 'x/sig', subject: top })
    await copyImage(source, createRegistryDestination({ client }, { ...there, tag: 'sig' }))
    expect((await all(client.referrers(there, top.digest))).map(({ artifactType }) => artifactType)).toEqual(['x/sig'])
    await expect(deleteImage({ client }, there, { tagOnly: true })).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNSUPPORTED' })
    await deleteImage({ client }, { ...there, tag: 'sig' })
    expect(await all(client.referrers(there, top.digest))).toEqual([])
    expect(await deleteImage({ client }, there)).toEqual({ digest: top.digest })
    await expect(deleteImage({ client }, there)).rejects.toMatchObject({ code: 'ERR_REGISTRY_NOT_FOUND' })
  })

  test.skipIf(skopeoMissing)('gives skopeo what we pushed, byte for byte', async () => {
    const there = parseReference(`${real.host}/art/i/fact:2`)
    const { digest } = await push(there, { artifactType: 'x/y' }, 'for skopeo')
    const { stdout } = await promisify(execFile)('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${real.host}/art/i/fact:2`])
    expect(JSON.parse(stdout)).toMatchObject({ artifactType: 'x/y', config: { mediaType: mediaTypes.ociEmpty } })
    expect((await client.headManifest(there, '2'))?.digest).toBe(digest)
  })
})
