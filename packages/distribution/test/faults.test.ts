import {
  copyImage,
  type CopyProgress,
  createRegistryClient,
  createRegistryDestination,
  createRegistrySource,
  type RegistryClient,
  type RegistryClientOptions,
} from '@podwright/distribution'
import { mediaTypes, parseReference, type Reference } from '@podwright/oci'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testedFetch } from './fixtures/fetch.ts'
import { noise, recordOf, testImage } from './fixtures/image.ts'
import { memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { scriptedClock, type ScriptedClock } from './fixtures/scripted-clock.ts'
import { close, listen, refuse, type ScriptedRegistry, send, startScriptedRegistry } from './fixtures/scripted-registry.ts'

let registry: ScriptedRegistry
let clock: ScriptedClock
let client: RegistryClient
let reference: Reference

const image = testImage({ layers: [noise(300_000), noise(200_000, 2)] })
const [layer] = image.layers as [(typeof image.layers)[0]]

const clientWith = (options: RegistryClientOptions = {}): RegistryClient =>
  createRegistryClient({ fetch: testedFetch, clock, random: () => 1 }, { tlsVerify: false, ...options })

beforeEach(async () => {
  registry = await startScriptedRegistry()
  registry.add('a/b', '1', image)
  clock = scriptedClock()
  client = clientWith()
  reference = parseReference(`${registry.host}/a/b:1`)
  // Learns that the registry speaks plain HTTP, so that no test has to reckon with it.
  await client.check(reference)
  registry.requests.length = 0
})

afterEach(async () => {
  await client[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
})

const pull = (progress: CopyProgress[] = [], with_: RegistryClient = client): Promise<unknown> =>
  copyImage(createRegistrySource({ client: with_ }, reference), memoryDestination(), { clock, onProgress: (event) => progress.push(event) })

const blobRequests = (digest: string): (string | undefined)[] =>
  registry.requests.filter(({ method, path }) => method === 'GET' && path.endsWith(digest)).map(({ headers }) => headers.range)

describe('what passes is tried again', () => {
  test('429 waits as long as Retry-After says', async () => {
    registry.intercept('GET', /manifests/, (_, response) => refuse(response, 429, 'TOOMANYREQUESTS', { 'retry-after': '7' }), 2)
    await pull()
    expect(clock.sleeps).toEqual([7000, 7000])
  })

  test('Retry-After may be a date', async () => {
    const date = new Date(clock.now() + 11_000).toUTCString()
    registry.intercept('GET', /manifests/, (_, response) => refuse(response, 503, 'X', { 'retry-after': date }))
    await pull()
    expect(clock.sleeps).toEqual([11_000])
  })

  test('500s are tried again with growing pauses', async () => {
    registry.intercept('GET', /blobs/, (_, response) => refuse(response, 500, 'UNKNOWN'), 3)
    const concurrencyOne = { concurrency: 1, clock }
    await copyImage(createRegistrySource({ client }, reference), memoryDestination(), concurrencyOne)
    expect(clock.sleeps).toEqual([500, 1000, 2000])
  })

  test('a reset before the answer', async () => {
    registry.intercept('GET', /manifests/, (_, response) => void response.destroy())
    await pull()
    expect(registry.requests.filter(({ path }) => path.includes('manifests'))).toHaveLength(2)
  })
})

describe('what stays is an error', () => {
  test.each([
    [429, 'ERR_REGISTRY_RATE_LIMITED', 'TOOMANYREQUESTS'],
    [500, 'ERR_REGISTRY_SERVER', 'UNKNOWN'],
    [503, 'ERR_REGISTRY_SERVER', 'UNAVAILABLE'],
  ])('%i five times is %s', async (status, code, registryCode) => {
    registry.intercept('GET', /manifests/, (_, response) => refuse(response, status, registryCode), 99)
    await expect(pull()).rejects.toMatchObject({ code, retryable: true, details: { status, registryErrors: [{ code: registryCode }] } })
    expect(registry.requests).toHaveLength(5)
  })

  test.each([
    [400, 'ERR_REGISTRY_REJECTED'],
    [403, 'ERR_REGISTRY_DENIED'],
    [404, 'ERR_REGISTRY_NOT_FOUND'],
    [418, 'ERR_REGISTRY_REJECTED'],
    [501, 'ERR_REGISTRY_SERVER'],
    [204, 'ERR_REGISTRY_PROTOCOL'],
    [304, 'ERR_REGISTRY_PROTOCOL'],
  ])('%i is %s at once', async (status, code) => {
    registry.intercept('GET', /manifests/, (_, response) => send(response, status), 99)
    await expect(pull()).rejects.toMatchObject({ code })
    expect(registry.requests).toHaveLength(1)
  })

  test('a Retry-After beyond all patience', async () => {
    registry.intercept('GET', /manifests/, (_, response) => refuse(response, 429, 'TOOMANYREQUESTS', { 'retry-after': '21600' }), 99)
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_REGISTRY_RATE_LIMITED', details: { retryAfter: '21600' } })
    expect(clock.sleeps).toEqual([])
  })

  test('a body is quoted up to 64 KiB, and control characters not at all', async () => {
    registry.intercept(
      'GET',
      /manifests/,
      (_, response) => send(response, 400, { 'content-type': 'text/plain' }, `\u001b[2Jno${'x'.repeat(100_000)}`),
      99,
    )
    const error = (await pull().catch((thrown: unknown) => thrown)) as Error & { details: { body: string } }
    expect(error.message).toMatch(/\( \[2Jnox+\)$/)
    expect(error.message.length).toBeLessThan(600)
    expect(error.details.body.length).toBe(64 * 1024)
  })

  test('a blob that is unknown', async () => {
    registry.blobs.delete(layer.digest)
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_REGISTRY_NOT_FOUND', message: expect.stringContaining(layer.digest) })
  })
})

describe('a blob', () => {
  const bytes = image.blobs.get(layer.digest)!
  const half = Math.floor(bytes.length / 2)

  const breakOff = (announced: number): void =>
    registry.intercept('GET', new RegExp(layer.digest), (_, response) => {
      response.writeHead(200, { 'content-length': announced })
      response.write(bytes.subarray(0, half), () => setTimeout(() => response.destroy(), 50))
    })

  test('that is reset in the middle is continued there', async () => {
    breakOff(bytes.length)
    const progress: CopyProgress[] = []
    await pull(progress)
    expect(blobRequests(layer.digest)).toEqual([undefined, `bytes=${half}-`])
    expect(progress).toContainEqual(expect.objectContaining({ type: 'blob:retry', attempt: 1 }))
  })

  test('is continued by a server that knows no ranges', async () => {
    breakOff(bytes.length)
    registry.intercept('GET', new RegExp(layer.digest), (_, response) => send(response, 200, { 'content-length': bytes.length }, bytes))
    await pull()
    expect(blobRequests(layer.digest)).toHaveLength(2)
  })

  test('that ends early without a length is continued, too', async () => {
    registry.intercept('GET', new RegExp(layer.digest), (_, response) => {
      response.writeHead(200)
      response.end(bytes.subarray(0, half))
    })
    await pull()
    expect(blobRequests(layer.digest)).toEqual([undefined, `bytes=${half}-`])
  })

  test('that always ends early is truncated', async () => {
    registry.blobs.set(layer.digest, bytes)
    registry.intercept(
      'GET',
      new RegExp(layer.digest),
      (request, response) => {
        const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0)
        response.writeHead(
          start > 0 ? 206 : 200,
          start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {},
        )
        response.end(start < half ? bytes.subarray(start, half) : '')
      },
      99,
    )
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_BLOB_TRUNCATED', details: { foundBytes: half, expectedBytes: bytes.length } })
    expect(blobRequests(layer.digest)).toHaveLength(6)
  })

  test.each([1, -1])('whose Content-Length is off by %i is refused at once', async (off) => {
    registry.intercept('GET', new RegExp(layer.digest), (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length + off })
      response.end(off > 0 ? Buffer.concat([bytes, Buffer.alloc(off)]) : bytes.subarray(0, off))
    })
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_BLOB_SIZE_MISMATCH' })
  })

  test('that does not end is cut off', async () => {
    registry.intercept('GET', new RegExp(layer.digest), (_, response) => {
      response.writeHead(200)
      response.end(Buffer.concat([bytes, bytes]))
    })
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_BLOB_SIZE_MISMATCH' })
  })

  test('whose range begins elsewhere is read from there', async () => {
    breakOff(bytes.length)
    registry.intercept('GET', new RegExp(layer.digest), (_, response) => {
      const start = half - 100
      send(response, 206, { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }, bytes.subarray(start))
    })
    await expect(pull()).resolves.toBeDefined()
  })

  test('a part that does not say which is refused', async () => {
    breakOff(bytes.length)
    registry.intercept('GET', new RegExp(layer.digest), (_, response) => send(response, 206, {}, bytes.subarray(half)))
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })

  test('416 begins anew', async () => {
    breakOff(bytes.length)
    registry.intercept('GET', new RegExp(layer.digest), (_, response) => send(response, 416))
    await pull()
    expect(blobRequests(layer.digest)).toEqual([undefined, `bytes=${half}-`, undefined])
  })

  test('with wrong bytes is caught by the destination', async () => {
    registry.blobs.set(layer.digest, noise(bytes.length, 99))
    await expect(pull()).rejects.toThrow(/wrong digest/)
  })

  test('one failure calls the others off', async () => {
    const [first, second] = image.layers as [typeof layer, typeof layer]
    const hangs: unknown[] = []
    registry.intercept('GET', new RegExp(second.digest), (request, response) => {
      response.writeHead(200, { 'content-length': second.size })
      response.write('x')
      request.socket.on('close', () => hangs.push('closed'))
    })
    registry.intercept('GET', new RegExp(first.digest), (_, response) => refuse(response, 403, 'DENIED'))
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_REGISTRY_DENIED' })
    await expect.poll(() => hangs).toEqual(['closed'])
  })
})

describe('a manifest', () => {
  test('that is reset in the middle is asked for again', async () => {
    registry.intercept('GET', /manifests/, (_, response) => {
      response.writeHead(200, { 'content-type': mediaTypes.ociManifest, 'content-length': image.top.bytes.length })
      response.write(image.top.bytes.subarray(0, 10), () => setTimeout(() => response.destroy(), 50))
    })
    await expect(pull()).resolves.toBeDefined()
  })

  const serve = (body: string | Uint8Array, headers: Record<string, string> = {}): void =>
    registry.intercept('GET', /manifests/, (_, response) => send(response, 200, headers, body), 99)

  test('of HTML says that there is no registry', async () => {
    serve('<html>Welcome to nginx</html>', { 'content-type': 'text/html; charset=utf-8' })
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL', message: expect.stringContaining('page of HTML') })
  })

  test('of schema 1 is refused by name', async () => {
    serve(JSON.stringify({ schemaVersion: 1, name: 'a/b', fsLayers: [] }), { 'content-type': mediaTypes.dockerManifestV1Signed })
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_MANIFEST_SCHEMA1' })
  })

  test('that is not the one announced is refused', async () => {
    serve(image.top.bytes, { 'content-type': mediaTypes.ociManifest, 'docker-content-digest': layer.digest })
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_MANIFEST_DIGEST_MISMATCH', details: { expected: layer.digest } })
  })

  test('that is not the one asked for is refused', async () => {
    serve(image.top.bytes, { 'content-type': mediaTypes.ociManifest })
    await expect(client.getManifest(reference, layer.digest)).rejects.toMatchObject({ code: 'ERR_MANIFEST_DIGEST_MISMATCH' })
  })

  test('without end is refused', async () => {
    serve(noise(5 * 1024 * 1024))
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL', message: expect.stringContaining('4194304') })
  })

  test('of an unknown type is refused by name', async () => {
    serve('{}', { 'content-type': 'application/vnd.example+json' })
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_MANIFEST_TYPE_UNKNOWN', message: expect.stringContaining('vnd.example') })
  })

  test('whose size its index tells wrong is refused', async () => {
    const wrong = { ...image.top.descriptor, size: 7, platform: { os: 'linux', architecture: 'amd64' } }
    const index = recordOf({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [wrong] }, mediaTypes.ociIndex)
    registry.manifests.set('a/b:1', index)
    await expect(copyImage(createRegistrySource({ client }, reference), memoryDestination(), { platforms: 'all' })).rejects.toMatchObject({
      code: 'ERR_BLOB_SIZE_MISMATCH',
    })
  })
})

describe('redirects', () => {
  test('are followed to another host, and a loop is ended', async () => {
    await using other = await startScriptedRegistry()
    other.add('a/b', '1', image)
    registry.intercept('GET', /blobs/, (request, response) => send(response, 307, { location: `http://${other.host}${request.url}` }), 99)
    await pull()
    expect(other.requests).toHaveLength(3)
    registry.intercept('GET', /manifests/, (request, response) => send(response, 302, { location: request.url! }), 99)
    await expect(client.getManifest(reference, '1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_PROTOCOL',
      message: expect.stringContaining('more than 10'),
    })
  })

  test.each(['ftp://example.com/x', 'file:///etc/passwd', 'http://[', 'data:text/plain,x'])('to %s are refused', async (location) => {
    registry.intercept('GET', /manifests/, (_, response) => send(response, 302, { location }), 99)
    await expect(pull()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })
})

describe('silence', () => {
  test('before the answer ends in ERR_REGISTRY_STALLED', async () => {
    await using hasty = clientWith({ stallTimeoutMs: 100, retries: 0 })
    registry.intercept('GET', /manifests/, () => {}, 99)
    await expect(pull([], hasty)).rejects.toMatchObject({ code: 'ERR_REGISTRY_STALLED', retryable: true })
  })

  test('in the middle of a blob is taken up like a reset', async () => {
    await using hasty = clientWith({ stallTimeoutMs: 200 })
    const bytes = image.blobs.get(layer.digest)!
    registry.intercept('GET', new RegExp(layer.digest), (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 1000))
    })
    await pull([], hasty)
    expect(blobRequests(layer.digest)).toEqual([undefined, 'bytes=1000-'])
  })

  test('of a reader is no silence of the server', async () => {
    await using hasty = clientWith({ stallTimeoutMs: 100 })
    const { chunks } = await hasty.openBlob(reference, layer)
    let length = 0
    for await (const chunk of chunks) {
      if (length === 0) await new Promise((resolve) => setTimeout(resolve, 300))
      length += chunk.byteLength
    }
    expect(length).toBe(layer.size)
  })

  test('a connection that is not made in time', async () => {
    // Takes connections and never answers TLS's hello.
    const mute = createTcpServer()
    const host = await listen(mute as never)
    await using hasty = createRegistryClient({ fetch: testedFetch }, { connectTimeoutMs: 100, retries: 0 })
    await expect(hasty.check({ registry: host })).rejects.toMatchObject({ code: 'ERR_REGISTRY_CONNECT_TIMEOUT' })
    mute.close()
  })
})

describe('who can not be reached', () => {
  test('a closed port', async () => {
    const server = createServer()
    const host = await listen(server)
    await close(server)
    await expect(client.check({ registry: host })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
      message: expect.stringContaining('refused'),
    })
    await expect(client.check({ registry: host, tlsVerify: true })).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNREACHABLE' })
  })

  test('a name that nobody has', async () => {
    await expect(client.check({ registry: 'nobody.invalid', tlsVerify: true })).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNREACHABLE' })
  })

  test.each(['exa mple', 'a/b', 'user@host', ''])('what is no host: %j', async (registryName) => {
    await expect(client.check({ registry: registryName })).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNREACHABLE' })
  })
})

describe('calling off', () => {
  test('rethrows the reason and closes the connection', async () => {
    const controller = new AbortController()
    let closed = false
    registry.intercept('GET', new RegExp(layer.digest), (request, response) => {
      response.writeHead(200, { 'content-length': layer.size })
      response.write('x')
      request.socket.on('close', () => (closed = true))
      controller.abort(new Error('enough'))
    })
    const destination = memoryDestination()
    const copy = copyImage(createRegistrySource({ client }, reference), destination, { signal: controller.signal })
    await expect(copy).rejects.toThrow('enough')
    expect(destination.committed).toBeUndefined()
    await expect.poll(() => closed).toBe(true)
  })

  test('before anything is requested', async () => {
    const signal = AbortSignal.abort(new Error('not even begun'))
    await expect(client.getManifest(reference, '1', { signal })).rejects.toThrow('not even begun')
    expect(registry.requests).toHaveLength(0)
  })

  test('a blob that nobody reads gives its turn back', async () => {
    await using narrow = clientWith({ connectionsPerHost: 1 })
    const controller = new AbortController()
    await narrow.openBlob(reference, layer, { signal: controller.signal })
    controller.abort()
    await expect(narrow.getManifest(reference, '1')).resolves.toBeDefined()
  })
})

describe('pushing', () => {
  const push = (with_: RegistryClient = client): Promise<unknown> =>
    copyImage(memorySource(image), createRegistryDestination({ client: with_ }, { ...reference, repository: 'c/d' }), { clock })

  beforeEach(() => registry.blobs.clear())

  test('sends what is missing and names it last', async () => {
    await push()
    expect(registry.manifests.get('c/d:1')?.bytes).toEqual(Buffer.from(image.top.bytes))
    expect([...registry.blobs.keys()].toSorted()).toEqual([...image.blobs.keys()].toSorted())
    registry.requests.length = 0
    await push()
    expect(registry.requests.filter(({ method }) => method === 'POST')).toHaveLength(0)
  })

  test('begins a blob anew when its upload breaks', async () => {
    registry.intercept('PUT', /blobs\/uploads/, (_, response) => void response.destroy())
    await push()
    expect(registry.requests.filter(({ method, path }) => method === 'PUT' && path.includes('uploads'))).toHaveLength(4)
  })

  test('takes a blob over from another repository', async () => {
    for (const [digest, bytes] of image.blobs) registry.blobs.set(digest, bytes)
    await client.putBlob({ ...reference, repository: 'c/d' }, layer, () => Promise.reject(new Error('not to be opened')), {
      mountFrom: ['a/b'],
    })
    expect(registry.requests.at(-1)?.path).toContain(`mount=${encodeURIComponent(layer.digest)}&from=a%2Fb`)
  })

  test('needs to know where to', async () => {
    registry.intercept('POST', /uploads/, (_, response) => send(response, 202), 99)
    await expect(push()).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL', message: expect.stringContaining('no Location') })
  })

  test('never sends a whole wrong blob', async () => {
    const wrong = noise(layer.size, 5)
    const open = async (): Promise<{ offset: number; chunks: AsyncIterable<Uint8Array> }> => ({ offset: 0, chunks: one(wrong) })
    await expect(client.putBlob(reference, layer, open)).rejects.toMatchObject({ code: 'ERR_BLOB_DIGEST_MISMATCH' })
    expect(registry.blobs.has(layer.digest)).toBe(false)
  })

  test('a registry that keeps other bytes is found out', async () => {
    registry.intercept('PUT', /manifests/, (_, response) => send(response, 201, { 'docker-content-digest': layer.digest }), 99)
    await expect(push()).rejects.toMatchObject({ code: 'ERR_MANIFEST_DIGEST_MISMATCH' })
  })
})

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
