import type { BlobProgress, BlobStream, OpenBlob } from '@podwright/contracts'
import { describe as describeBytes } from '@podwright/oci'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { code, contents } from './fixtures/assertions.ts'
import { crashImage } from './fixtures/crash-image.ts'
import { chunks, imageOf, opener, putParts, tar } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'

const bytes = randomBytes(1_000_000)
const blob = describeBytes(bytes, 'application/octet-stream')
const partialName = blob.digest.replace(':', '-')
const instant = { now: () => Date.now(), sleep: () => Promise.resolve() }

/** Yields a part, then breaks as a connection does. */
async function* breaking(part: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* chunks(part)
  throw new TypeError('terminated')
}

test('a blob gets its name when it is whole', async () => {
  using place = scratch()
  await using storage = await place.open()
  await using destination = await storage.destination('example.org/a:1')
  const events: BlobProgress[] = []
  await destination.putBlob(blob, opener(bytes), { onProgress: (event) => events.push(event) })
  expect(readFileSync(join(storage.root, 'blobs', blob.digest.replace(':', '/'))).equals(bytes)).toBe(true)
  expect(readdirSync(join(storage.root, 'ingest'))).toEqual([])
  expect(events.at(0)).toEqual({ type: 'blob:start', descriptor: blob, offsetBytes: 0 })
  expect(events.at(-2)).toEqual({ type: 'blob:progress', descriptor: blob, completeBytes: bytes.byteLength })
  expect(events.at(-1)).toEqual({ type: 'blob:complete', descriptor: blob })
  await destination.putBlob(blob, () => Promise.reject(new Error('must not be asked')))
})

test('a document that is here can be read, whether an image has it or not yet', async () => {
  using place = scratch()
  await using storage = await place.open()
  await using destination = await storage.destination('example.org/a:1')
  expect(await storage.document(blob.digest)).toBeUndefined()
  await destination.putBlob(blob, opener(bytes))
  expect(Buffer.from((await storage.document(blob.digest)) ?? []).equals(bytes)).toBe(true)
  const large = Buffer.alloc(4 * 2 ** 20 + 1)
  const descriptor = describeBytes(large, 'application/octet-stream')
  await destination.putBlob(descriptor, opener(large))
  expect(await storage.document(descriptor.digest)).toBeUndefined()
})

describe('resuming', () => {
  test('asks for nothing again that is on disk', async () => {
    using place = scratch()
    await using storage = await place.open()
    await using destination = await storage.destination('example.org/a:1')
    writeFileSync(join(storage.root, 'ingest', partialName), bytes.subarray(0, 400_000))
    const asked: number[] = []
    await destination.putBlob(blob, (offset) => {
      asked.push(offset)
      return opener(bytes)(offset)
    })
    expect(asked).toEqual([400_000])
  })

  test('goes on where a stream broke, and tells', async () => {
    using place = scratch()
    await using storage = await place.open({}, { clock: instant })
    await using destination = await storage.destination('example.org/a:1')
    const asked: number[] = []
    const retries: BlobProgress[] = []
    const open: OpenBlob = (offset): Promise<BlobStream> => {
      asked.push(offset)
      const rest = bytes.subarray(offset)
      return Promise.resolve({ offset, chunks: asked.length < 8 ? breaking(rest.subarray(0, 100_000)) : chunks(rest) })
    }
    await destination.putBlob(blob, open, { onProgress: (event) => void (event.type === 'blob:retry' && retries.push(event)) })
    expect(asked).toEqual([0, 100_000, 200_000, 300_000, 400_000, 500_000, 600_000, 700_000])
    expect(retries).toHaveLength(7)
  })

  test('gives up after some tries without a byte, and keeps what came', async () => {
    using place = scratch()
    await using storage = await place.open({}, { clock: instant })
    await using destination = await storage.destination('example.org/a:1')
    const open: OpenBlob = (offset) => Promise.resolve({ offset, chunks: breaking(bytes.subarray(offset, 100_000)) })
    await expect(destination.putBlob(blob, open)).rejects.toThrow('terminated')
    expect(readFileSync(join(storage.root, 'ingest', partialName))).toHaveLength(100_000)
  })

  test('starts over with a source that has no ranges', async () => {
    using place = scratch()
    await using storage = await place.open()
    await using destination = await storage.destination('example.org/a:1')
    writeFileSync(join(storage.root, 'ingest', partialName), bytes.subarray(0, 400_000))
    await destination.putBlob(blob, () => opener(bytes)(0))
    expect(await destination.hasBlob(blob)).toBe(true)
  })

  test('starts over when what was on disk is damaged', async () => {
    using place = scratch()
    await using storage = await place.open()
    await using destination = await storage.destination('example.org/a:1')
    writeFileSync(join(storage.root, 'ingest', partialName), Buffer.alloc(400_000))
    const asked: number[] = []
    await destination.putBlob(blob, (offset) => {
      asked.push(offset)
      return opener(bytes)(offset)
    })
    expect(asked).toEqual([400_000, 0])
  })
})

test.each([
  ['ERR_BLOB_TOO_LONG', Buffer.concat([bytes, Buffer.from('x')])],
  ['ERR_BLOB_TRUNCATED', bytes.subarray(0, -1)],
  ['ERR_BLOB_DIGEST', Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])])],
])('%s drops what came', async (expected, sent) => {
  using place = scratch()
  await using storage = await place.open()
  await using destination = await storage.destination('example.org/a:1')
  await expect(destination.putBlob(blob, opener(sent))).rejects.toSatisfy(code(expected))
  expect(readdirSync(join(storage.root, 'ingest'))).toEqual([])
  expect(existsSync(join(storage.root, 'blobs', blob.digest.replace(':', '/')))).toBe(false)
})

test('an abort keeps what came for the next time', async () => {
  using place = scratch()
  await using storage = await place.open()
  await using destination = await storage.destination('example.org/a:1')
  const abort = new AbortController()
  const open: OpenBlob = (offset) => Promise.resolve({ offset, chunks: thenAbort(abort) })
  await expect(destination.putBlob(blob, open, { signal: abort.signal })).rejects.toThrow('enough')
  expect(readFileSync(join(storage.root, 'ingest', partialName))).toHaveLength(65_536)
})

async function* thenAbort(abort: AbortController): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks(bytes)) {
    yield chunk
    abort.abort(new Error('enough'))
  }
}

test('an abort while layers are unpacked leaves none of them', async () => {
  using place = scratch()
  await using storage = await place.open()
  const image = crashImage()
  const abort = new AbortController()
  {
    await using destination = await storage.destination('example.org/a:1')
    const onProgress = ({ type }: BlobProgress): void => void (type === 'layer:unpack' && abort.abort(new Error('enough')))
    await destination.begin(image.manifest)
    const put = putParts(destination, image, { signal: abort.signal, onProgress })
    await expect(put.then(() => destination.commit(image.manifest.descriptor, { signal: abort.signal }))).rejects.toThrow('enough')
  }
  expect(contents(storage.root)).toMatchObject({ layers: 0, leases: 0 })
  expect(storage.listImages()).toEqual([])
})

test('an abort in the middle of a large layer is told as what it is', async () => {
  using place = scratch()
  await using storage = await place.open()
  const image = imageOf([tar([{ name: 'large', content: randomBytes(8 * 2 ** 20) }])])
  const abort = new AbortController()
  const onProgress = ({ type }: BlobProgress): void => void (type === 'layer:unpack' && abort.abort(new Error('enough')))
  await using destination = await storage.destination('example.org/a:1')
  const options = { signal: abort.signal, onProgress }
  const put = putParts(destination, image, options).then(() => destination.commit(image.manifest.descriptor, options))
  await expect(put).rejects.toThrow('enough')
})

test('two that want the same blob fetch it once', async () => {
  using place = scratch()
  await using one = await place.open()
  await using two = await place.open()
  await using first = await one.destination('example.org/a:1')
  await using second = await two.destination('example.org/a:2')
  let opened = 0
  const open: OpenBlob = (offset) => {
    opened += 1
    return opener(bytes)(offset)
  }
  await Promise.all([first.putBlob(blob, open), second.putBlob(blob, open)])
  expect(opened).toBe(1)
  expect(readdirSync(join(one.root, 'ingest'))).toEqual([])
})

test('takes no more than leaves the free space that is to be kept', async () => {
  using place = scratch()
  await using storage = await place.open({ minFreeBytes: 2 ** 60 })
  await using destination = await storage.destination('example.org/a:1')
  await expect(destination.putBlob(blob, opener(bytes))).rejects.toSatisfy(code('ERR_STORAGE_FULL'))
  expect(readdirSync(join(storage.root, 'ingest'))).toEqual([])
})

test('what had come before the space was short is gone on from when there is some', async () => {
  using place = scratch()
  {
    await using storage = await place.open({ minFreeBytes: 2 ** 60 })
    await using destination = await storage.destination('example.org/a:1')
    writeFileSync(join(storage.root, 'ingest', partialName), bytes.subarray(0, 400_000))
    await expect(destination.putBlob(blob, opener(bytes))).rejects.toSatisfy(code('ERR_STORAGE_FULL'))
  }
  await using storage = await place.open()
  await using destination = await storage.destination('example.org/a:1')
  const asked: number[] = []
  await destination.putBlob(blob, (offset) => {
    asked.push(offset)
    return opener(bytes)(offset)
  })
  expect(asked).toEqual([400_000])
})
