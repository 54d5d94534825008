import { registryFaults } from '@podwright/conformance'
import { createRegistryClient, type CopyProgress, type RegistryClient, type RegistryClientOptions } from '@podwright/distribution'
import { describe as describeBytes, mediaTypes, parseReference, type Reference } from '@podwright/oci'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testedFetch } from './fixtures/fetch.ts'
import { type DockerRegistry, dockerRegistryMissing, startDockerRegistry } from './fixtures/docker-registry.ts'
import { noise } from './fixtures/image.ts'
import { scriptedClock, type ScriptedClock } from './fixtures/scripted-clock.ts'
import { refuse, type ScriptedRegistry, send, startScriptedRegistry } from './fixtures/scripted-registry.ts'

const MiB = 1024 * 1024
const big = noise(10 * MiB)
const blob = describeBytes(big, mediaTypes.ociLayer)

let registry: ScriptedRegistry
let clock: ScriptedClock
let client: RegistryClient
let reference: Reference
/** Where the source was opened. */
let opened: number[]

const clientWith = (options: RegistryClientOptions = {}): RegistryClient =>
  createRegistryClient({ fetch: testedFetch, clock, random: () => 1 }, { tlsVerify: false, ...options })

beforeEach(async () => {
  registry = await startScriptedRegistry()
  clock = scriptedClock()
  client = clientWith()
  reference = parseReference(`${registry.host}/a/b:1`)
  await client.check(reference)
  registry.requests.length = 0
  opened = []
})
afterEach(async () => {
  await client[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
})

function open(bytes: Uint8Array = big): (offset: number) => Promise<{ offset: number; chunks: AsyncIterable<Uint8Array> }> {
  return async (offset) => {
    opened.push(offset)
    return { offset, chunks: pieces(bytes.subarray(offset)) }
  }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 60_000) yield bytes.subarray(start, start + 60_000)
}

const put = (with_: RegistryClient = client, progress: CopyProgress[] = []): Promise<void> =>
  with_.putBlob(reference, blob, open(), { onProgress: (event) => progress.push(event) })

const sent = (): string[] =>
  registry.requests
    .filter(({ path }) => path.includes('uploads'))
    .map(({ method, headers }) => [method, headers['content-range'], headers['content-length']].filter(Boolean).join(' '))

const isThere = (): boolean => Buffer.compare(registry.blobs.get(blob.digest) ?? new Uint8Array(), big) === 0

test('a small blob goes in one request', async () => {
  const small = noise(1000)
  await client.putBlob(reference, describeBytes(small, mediaTypes.ociLayer), open(small))
  expect(sent()).toEqual(['POST 0', 'PUT 1000'])
})

test('nothing is a blob, too', async () => {
  await client.putBlob(reference, describeBytes(new Uint8Array(), mediaTypes.ociLayer), open(new Uint8Array()))
  expect(sent()).toEqual(['POST 0', 'PUT 0'])
})

test('a large blob goes in one part, as docker sends it', async () => {
  await put()
  expect(sent()).toEqual(['POST 0', `PATCH ${big.length}`, 'PUT 0'])
  expect(isThere()).toBe(true)
})

describe('what breaks off', () => {
  test('is taken up where the registry got to', async () => {
    registry.intercept('PATCH', /./, registryFaults.breakUpload(registry, 3 * MiB), { early: true })
    const progress: CopyProgress[] = []
    await put(client, progress)
    expect(sent()).toEqual(['POST 0', `PATCH ${big.length}`, 'GET', `PATCH ${3 * MiB}-${big.length - 1} ${big.length - 3 * MiB}`, 'PUT 0'])
    expect(isThere()).toBe(true)
    expect(opened).toEqual([0, 3 * MiB])
    expect(progress).toContainEqual(expect.objectContaining({ type: 'blob:retry', attempt: 1 }))
  })

  test('again and again ends when it gets on, and gives up when it does not', async () => {
    for (const kept of [1, 2, 2, 1, 1, 1, 1])
      registry.intercept('PATCH', /./, registryFaults.breakUpload(registry, kept * MiB), { early: true })
    await put()
    expect(isThere()).toBe(true)
    registry.blobs.clear()
    registry.intercept('PATCH', /./, registryFaults.breakUpload(registry, 0), { early: true, times: 99 })
    await expect(put()).rejects.toMatchObject({ code: 'ERR_REGISTRY_INTERRUPTED' })
    expect(sent().filter((line) => line.startsWith('PATCH')).length).toBeLessThan(20)
    expect(sent().at(-1)).toBe('DELETE')
    expect(registry.uploads.size).toBe(0)
  })

  test.each([404, 416, 400])('begins anew when the registry answers %i to the question how far it got', async (status) => {
    registry.intercept('PATCH', /./, registryFaults.breakUpload(registry, 3 * MiB), { early: true })
    registry.intercept('GET', /uploads/, registryFaults.refuse(status, 'BLOB_UPLOAD_INVALID'))
    await put()
    expect(sent()).toEqual(['POST 0', `PATCH ${big.length}`, 'GET', 'POST 0', `PATCH ${big.length}`, 'PUT 0'])
    expect(isThere()).toBe(true)
  })

  test.each([
    ['PATCH', 404],
    ['PATCH', 416],
    ['PUT', 404],
  ])('begins anew when %s is answered with %i', async (method, status) => {
    registry.intercept(method, /uploads/, registryFaults.refuse(status, 'BLOB_UPLOAD_UNKNOWN'))
    await put()
    expect(sent().filter((line) => line.startsWith('POST'))).toHaveLength(2)
    expect(isThere()).toBe(true)
  })

  test('is not taken for granted when the registry claims more than it was sent', async () => {
    registry.intercept('PATCH', /./, registryFaults.breakUpload(registry, 1 * MiB), { early: true })
    registry.intercept('GET', /uploads/, (_, response) => send(response, 204, { range: `0-${big.length * 2}` }))
    await put()
    expect(isThere()).toBe(true)
  })

  test('after all was sent is looked for before it is sent again', async () => {
    registry.intercept('PUT', /uploads/, (_, response) => {
      registry.blobs.set(blob.digest, big)
      response.destroy()
    })
    await put()
    expect(sent().filter((line) => line.startsWith('PATCH'))).toHaveLength(1)
  })
})

test('a 503 waits as long as it says', async () => {
  registry.intercept('PATCH', /./, registryFaults.refuse(503, 'UNAVAILABLE', { 'retry-after': '9' }))
  await put()
  expect(clock.sleeps).toContain(9000)
  expect(isThere()).toBe(true)
})

describe('parts', () => {
  test('are cut as told, and sent from one reading of the source', async () => {
    await using cutting = clientWith({ uploadPartBytes: 4 * MiB })
    await put(cutting)
    expect(sent()).toEqual([
      'POST 0',
      `PATCH 0-${4 * MiB - 1} ${4 * MiB}`,
      `PATCH ${4 * MiB}-${8 * MiB - 1} ${4 * MiB}`,
      `PATCH ${8 * MiB}-${10 * MiB - 1} ${2 * MiB}`,
      'PUT 0',
    ])
    expect(isThere()).toBe(true)
    expect(opened).toEqual([0])
  })

  test('are no shorter than the registry wants them', async () => {
    registry.intercept('POST', /uploads/, (_request, _response, serve) =>
      serve((answer) => ({ ...answer, headers: { ...answer.headers, 'oci-chunk-min-length': 6 * MiB } })),
    )
    await using cutting = clientWith({ uploadPartBytes: 1 * MiB })
    await put(cutting)
    expect(sent()).toEqual(['POST 0', `PATCH 0-${6 * MiB - 1} ${6 * MiB}`, `PATCH ${6 * MiB}-${10 * MiB - 1} ${4 * MiB}`, 'PUT 0'])
  })

  test('are cut smaller where a proxy finds them too large', async () => {
    const limit = (method: string): void =>
      registry.intercept(
        method,
        /uploads/,
        (request, response, serve) => (Number(request.headers['content-length']) > 3 * MiB ? refuse(response, 413, 'TOO_LARGE') : serve()),
        99,
      )
    limit('PATCH')
    limit('PUT')
    await put()
    expect(isThere()).toBe(true)
    expect(
      sent()
        .filter((line) => line.startsWith('PATCH'))
        .at(-1),
    ).toBe(`PATCH ${7.5 * MiB}-${10 * MiB - 1} ${2.5 * MiB}`)
    expect(clock.sleeps).toEqual([])
  })

  test('that are always too large end in the refusal', async () => {
    registry.intercept('PATCH', /./, registryFaults.refuse(413, 'SIZE_INVALID'), 99)
    await expect(put()).rejects.toMatchObject({ code: 'ERR_REGISTRY_REJECTED', details: { status: 413 } })
  })
})

describe('mounts', () => {
  const unopened = (): Promise<never> => Promise.reject(new Error('not to be opened'))

  test('end with what the registry has', async () => {
    registry.blobs.set(blob.digest, big)
    await client.putBlob(reference, blob, unopened, { mountFrom: ['c/d', 'e/f'] })
    expect(sent()).toEqual(['POST 0'])
  })

  test('that began an upload are gone on with', async () => {
    await client.putBlob(reference, blob, open(), { mountFrom: ['a/b', 'c/d', 'e/f'] })
    expect(sent()).toEqual(['POST 0', 'POST 0', 'DELETE', `PATCH ${big.length}`, 'PUT 0'])
    expect(registry.uploads.size).toBe(0)
  })

  test.each([400, 401, 403, 404, 405])('that are refused with %i are no error', async (status) => {
    registry.intercept('POST', /mount=/, registryFaults.refuse(status))
    await client.putBlob(reference, blob, open(), { mountFrom: ['c/d'] })
    expect(isThere()).toBe(true)
  })

  test('that the registry makes by itself end there, too', async () => {
    registry.intercept('POST', /uploads/, (_, response) => send(response, 201))
    await client.putBlob(reference, blob, unopened)
    expect(sent()).toEqual(['POST 0'])
  })
})

test.each([307, 308])('a %i is followed with all that was sent', async (status) => {
  await using other = await startScriptedRegistry()
  for (const method of ['POST', 'PATCH']) {
    registry.intercept(method, /./, (request, response) => send(response, status, { location: `http://${other.host}${request.url}` }))
  }
  await put()
  expect(Buffer.compare(other.blobs.get(blob.digest)!, big)).toBe(0)
})

test.each([
  ['wrong', noise(big.length, 7), 'ERR_BLOB_DIGEST_MISMATCH'],
  ['too short', big.subarray(1), 'ERR_BLOB_SIZE_MISMATCH'],
  ['too long', Buffer.concat([big, Buffer.of(1)]), 'ERR_BLOB_SIZE_MISMATCH'],
])('what is %s is given up, not ended', async (_, bytes, code) => {
  await expect(client.putBlob(reference, blob, open(bytes))).rejects.toMatchObject({ code })
  expect(registry.blobs.has(blob.digest)).toBe(false)
  expect(sent().some((line) => line.startsWith('PUT'))).toBe(false)
  expect(sent().at(-1)).toBe('DELETE')
})

describe.skipIf(dockerRegistryMissing)('a real registry', () => {
  let real: DockerRegistry
  beforeAll(async () => {
    real = await startDockerRegistry()
  })
  afterAll(() => real[Symbol.asyncDispose]())

  test.each([
    ['in one part', Infinity],
    ['in parts', 3 * MiB],
  ])('takes it %s', async (_, uploadPartBytes) => {
    await using cutting = clientWith({ uploadPartBytes })
    const there = parseReference(`${real.host}/up/load${uploadPartBytes > MiB * 100 ? 1 : 2}:1`)
    await cutting.putBlob(there, blob, open())
    expect(await cutting.hasBlob(there, blob.digest)).toBe(true)
    await cutting.deleteBlob(there, blob.digest)
    expect(await cutting.hasBlob(there, blob.digest)).toBe(false)
  })

  test('takes it when the source breaks in the middle', async () => {
    let breaks = 1
    const there = parseReference(`${real.host}/up/broken:1`)
    await client.putBlob(there, blob, async (offset) => {
      const whole = pieces(big.subarray(offset))
      return { offset, chunks: breaks-- > 0 ? broken(whole) : whole }
    })
    expect(await client.hasBlob(there, blob.digest)).toBe(true)
  })
})

async function* broken(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = 100
  for await (const chunk of chunks) {
    if (left-- === 0) throw Object.assign(new Error('broken'), { code: 'ECONNRESET' })
    yield chunk
  }
}
