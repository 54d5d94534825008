import type { OpenBlob, Storage } from '@podwright/contracts'
import { describe as describeBytes, mediaTypes } from '@podwright/oci'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { code } from './fixtures/assertions.ts'
import { chunks, imageOf, opener, putParts, tar, type TestImage } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'

/** Large enough to be unpacked while it comes: most of it is a file that is whole by then. */
const first = randomBytes(4 * 2 ** 20)
const image = imageOf([
  tar([
    { name: 'first', content: first },
    { name: 'second', content: randomBytes(4 * 2 ** 20) },
  ]),
])
const layer = image.layers[0]!
const bytes = image.blobs.get(layer.digest)!
const most = Math.floor(bytes.byteLength * 0.75)

/** Trees that are being unpacked, or are there. */
function trees(storage: Storage): string[] {
  return readdirSync(join(storage.root, 'layers')).map((name) => join(storage.root, 'layers', name, 'diff'))
}

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; !condition(); attempt++) {
    if (attempt > 1000) throw new Error('it never came true')
    await sleep(10)
  }
}

/** Opens a blob that stops in the middle until `goOn` resolves. */
function halting(content: Uint8Array, goOn: () => Promise<void>): OpenBlob {
  return (offset) =>
    Promise.resolve({
      offset,
      chunks: (async function* () {
        yield* chunks(content.subarray(offset, most))
        await goOn()
        yield* chunks(content.subarray(Math.max(most, offset)))
      })(),
    })
}

/** Puts the image's documents, so that its layer can come. */
async function begin(storage: Storage, wanted: TestImage) {
  const destination = await storage.destination('example.org/a:1')
  await destination.begin(wanted.manifest)
  await destination.putBlob(wanted.config, opener(wanted.blobs.get(wanted.config.digest)!))
  return destination
}

describe('a layer whose blob is large', () => {
  test('is unpacked while the blob comes, and gets its place after it', async () => {
    using place = scratch()
    await using storage = await place.open()
    await using destination = await begin(storage, image)
    const goOn = async (): Promise<void> => {
      await until(() => trees(storage).some((tree) => existsSync(join(tree, 'second'))))
      expect(existsSync(join(storage.root, 'blobs', layer.digest.replace(':', '/')))).toBe(false)
      // Beside its place: names of complete layers have no dot.
      expect(readdirSync(join(storage.root, 'layers')).every((name) => name.includes('.'))).toBe(true)
    }
    await destination.putBlob(layer, halting(bytes, goOn))
    await destination.putManifest(image.manifest)
    await destination.commit(image.manifest.descriptor)
    const [tree, ...others] = trees(storage)
    expect(others).toEqual([])
    expect(readFileSync(join(tree!, 'first')).equals(first)).toBe(true)
  })

  test('leaves nothing when the blob breaks off, and is unpacked when that comes by another try', async () => {
    using place = scratch()
    await using storage = await place.open({}, { clock: { now: () => Date.now(), sleep: () => Promise.resolve() } })
    await using destination = await begin(storage, image)
    const broken = halting(bytes, async () => {
      await until(() => trees(storage).length > 0)
      throw new Error('the line is dead')
    })
    await expect(destination.putBlob(layer, broken)).rejects.toThrow('the line is dead')
    await destination.putBlob(layer, opener(bytes))
    await destination.putManifest(image.manifest)
    await destination.commit(image.manifest.descriptor)
    expect(trees(storage)).toHaveLength(1)
    expect(readFileSync(join(trees(storage)[0]!, 'first')).equals(first)).toBe(true)
    expect(readdirSync(join(storage.root, 'ingest'))).toEqual([])
  })

  test('is unpacked anew when what was on disk of the blob turns out to be damaged', async () => {
    using place = scratch()
    await using storage = await place.open()
    const damaged = Buffer.from(bytes.subarray(0, most))
    damaged.fill(0x55, Math.floor(most / 2))
    writeFileSync(join(storage.root, 'ingest', layer.digest.replace(':', '-')), damaged)
    await using destination = await begin(storage, image)
    await destination.putBlob(layer, opener(bytes))
    await destination.putManifest(image.manifest)
    await destination.commit(image.manifest.descriptor)
    expect(readFileSync(join(trees(storage)[0]!, 'first')).equals(first)).toBe(true)
  })

  test('is not kept when its tar is right and its blob is not', async () => {
    using place = scratch()
    await using storage = await place.open()
    // The header's time, which no checksum covers.
    const other = Buffer.from(bytes)
    other.writeUInt32LE(12345, 4)
    expect(describeBytes(other, mediaTypes.ociLayerGzip).digest).not.toBe(layer.digest)
    {
      await using destination = await begin(storage, image)
      await expect(destination.putBlob(layer, opener(other))).rejects.toSatisfy(code('ERR_BLOB_DIGEST'))
    }
    expect(trees(storage)).toEqual([])
    expect(readdirSync(join(storage.root, 'blobs/sha256'))).toEqual([image.config.digest.replace('sha256:', '')])
  })

  test('that is one of many comes in whatever order', async () => {
    using place = scratch()
    await using storage = await place.open()
    const many = imageOf([1, 2, 3, 4].map((index) => tar([{ name: `file-${index}`, content: randomBytes(4.5 * 2 ** 20) }])))
    await using destination = await begin(storage, many)
    await Promise.all(many.layers.toReversed().map((each) => destination.putBlob(each, opener(many.blobs.get(each.digest)!))))
    await putParts(destination, many)
    await destination.commit(many.manifest.descriptor)
    expect(trees(storage)).toHaveLength(4)
  })
})
