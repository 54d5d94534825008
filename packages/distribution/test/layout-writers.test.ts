import type { ImageSource } from '@podwright/contracts'
import { copyImage, createLayoutDestination, createLayoutSource, deleteLayoutImage, listLayoutImages } from '@podwright/distribution'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { noise, testImage, testIndex, type TestImage } from './fixtures/image.ts'
import { memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { useDirectory } from './fixtures/places.ts'

const at = useDirectory()
const image = testImage({ layers: [noise(3_000_000), noise(5)] })
const other = testImage({ layers: [noise(5), noise(900, 4)] })

/** Runs a writer in a process of its own. @returns how it ended */
async function writer(...args: readonly string[]): Promise<number | string> {
  const script = fileURLToPath(new URL('fixtures/layout-writer.ts', import.meta.url))
  const child = spawn(process.execPath, ['-C', '@podwright/source', script, at('l'), ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? '')))
}

describe('many writers at once', () => {
  test('of one process lose no name', async () => {
    const names = Array.from({ length: 20 }, (_, number) => `n${number}`)
    await Promise.all(names.map((name, number) => copyInto(testImage({ layers: [noise(100, number + 1)] }), name)))
    expect((await listLayoutImages(at('l'))).map(({ name }) => name).toSorted()).toEqual(names.toSorted())
    expect(sessions()).toEqual([])
  })

  test('of several processes lose no name', async () => {
    const names = ['a', 'b', 'c', 'd']
    expect(await Promise.all(names.map((name, number) => writer(name, `${number + 1}`)))).toEqual([0, 0, 0, 0])
    expect((await listLayoutImages(at('l'))).map(({ name }) => name).toSorted()).toEqual(names)
  })
})

describe('a writer that is killed', () => {
  test('leaves a layout that reads as before, and a beginning that the next one goes on from', async () => {
    await copyInto(other, 'before')
    expect(await writer('killed', '7', '3000000', '1000000')).toBe('SIGKILL')
    expect((await listLayoutImages(at('l'))).map(({ name }) => name)).toEqual(['before'])
    await copyImage(createLayoutSource(at('l')), memoryDestination())
    const [session] = sessions() as [string]
    const [partial] = readdirSync(at('l/.podwright', session)).filter((name) => name.startsWith('sha256-')) as [string]
    const begunBytes = statSync(at('l/.podwright', session, partial)).size
    expect(begunBytes).toBeGreaterThanOrEqual(1_000_000)

    const killed = testImage({ layers: [noise(3_000_000, 7)] })
    const offsets = await offsetsOf(killed, 'again')
    expect(offsets.get(killed.layers[0]!.digest)).toBe(begunBytes)
    const copied = memoryDestination()
    await copyImage(createLayoutSource(at('l'), { name: 'again' }), copied)
    expect(copied.committed?.digest).toBe(killed.top.descriptor.digest)
    expect(sessions()).toEqual([])
  })

  test('and a beginning that is damaged is begun anew', async () => {
    const layer = image.layers[0]!
    for (const damage of [noise(1000, 99), noise(layer.size + 5, 3), new Uint8Array(0), noise(layer.size, 8)]) {
      mkdirSync(at('l/.podwright/dead'), { recursive: true })
      writeFileSync(at('l/.podwright/dead', layer.digest.replace(':', '-')), damage)
      await copyInto(image, 'x')
      const { top } = await copyImage(createLayoutSource(at('l'), { name: 'x' }), memoryDestination())
      expect(top.digest).toBe(image.top.descriptor.digest)
      rmSync(at('l'), { recursive: true })
    }
  })
})

test('a copy that breaks off keeps what it has for the next', async () => {
  const source = memorySource(image)
  const layer = image.layers[0]!
  const breaking: ImageSource = {
    ...source,
    openBlob: async (descriptor, options) => ({
      offset: 0,
      chunks: descriptor === layer || descriptor.digest === layer.digest ? broken() : (await source.openBlob(descriptor, options)).chunks,
    }),
  }
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield image.blobs.get(layer.digest)!.subarray(0, 12_345)
    throw new Error('scripted')
  }
  {
    await using destination = createLayoutDestination(at('l'))
    await expect(copyImage(breaking, destination)).rejects.toThrow('scripted')
  }
  expect((await offsetsOf(image, 'x')).get(layer.digest)).toBe(12_345)
})

describe('deleting', () => {
  test('takes what nothing else needs', async () => {
    const index = testIndex([[{ os: 'linux', architecture: 'amd64' }, image]])
    await copyInto(index, 'index')
    await copyInto(other, 'other')
    await copyInto(other, 'again')
    const result = await deleteLayoutImage({ path: at('l'), name: 'index' })
    const shared = [...image.blobs.keys()].filter((digest) => other.blobs.has(digest))
    expect(shared).toHaveLength(1)
    expect(result.blobs.toSorted()).toEqual(
      [...image.blobs.keys(), image.top.descriptor.digest, index.top.descriptor.digest]
        .filter((digest) => !other.blobs.has(digest))
        .toSorted(),
    )
    // One of its names: the image stays.
    expect((await deleteLayoutImage({ path: at('l'), name: 'other' })).blobs).toEqual([])
    await copyImage(createLayoutSource(at('l')), memoryDestination())
    expect((await deleteLayoutImage({ path: at('l'), name: 'again' })).blobs).toHaveLength(other.blobs.size + 1)
    expect(readdirSync(at('l/blobs/sha256'))).toEqual([])
  })

  test('deletes nothing that it does not understand', async () => {
    await copyInto(image, 'image')
    await copyInto(other, 'other')
    writeFileSync(at('l/blobs', other.top.descriptor.digest.replace(':', '/')), 'damaged')
    await expect(deleteLayoutImage({ path: at('l'), name: 'image' })).rejects.toMatchObject({ code: 'ERR_LAYOUT_INVALID' })
    await copyImage(createLayoutSource(at('l'), { name: 'image' }), memoryDestination())
    await expect(deleteLayoutImage({ path: at('l'), name: 'no' })).rejects.toMatchObject({ code: 'ERR_LAYOUT_NOT_FOUND' })
    await expect(deleteLayoutImage({ path: at('nowhere'), name: 'no' })).rejects.toMatchObject({ code: 'ERR_LAYOUT_NOT_FOUND' })
    expect(existsSync(at('nowhere'))).toBe(false)
  })

  test('meanwhile: a copy that relied on what is gone fails, and can be run again', async () => {
    await copyInto(image, 'image')
    const destination = createLayoutDestination(at('l'), { name: 'late' })
    const deleting: typeof destination = {
      ...destination,
      commit: async (top, options) => {
        await deleteLayoutImage({ path: at('l'), name: 'image' })
        await destination.commit(top, options)
      },
    }
    await expect(copyImage(memorySource(image), deleting)).rejects.toMatchObject({ code: 'ERR_LAYOUT_INVALID', retryable: true })
    await destination[Symbol.asyncDispose]()
    await copyInto(image, 'late')
    await copyImage(createLayoutSource(at('l'), { name: 'late' }), memoryDestination())
  })
})

async function copyInto(what: TestImage, name: string): Promise<void> {
  await using destination = createLayoutDestination(at('l'), { name })
  await copyImage(memorySource(what), destination, { platforms: 'all' })
}

/** Copies, and tells from where on each blob was asked for. */
async function offsetsOf(what: TestImage, name: string): Promise<ReadonlyMap<string, number>> {
  const offsets = new Map<string, number>()
  const source = memorySource(what)
  const watched: ImageSource = {
    ...source,
    openBlob: (descriptor, options = {}) => {
      offsets.set(descriptor.digest, options.offset ?? 0)
      return source.openBlob(descriptor, options)
    },
  }
  await using destination = createLayoutDestination(at('l'), { name })
  await copyImage(watched, destination)
  return offsets
}

/** Directories of writers, which a finished one has none of. */
function sessions(): string[] {
  return readdirSync(join(at('l'), '.podwright')).filter((name) => name !== 'index.lock')
}

test('what is there when all are done is a layout and our lock', async () => {
  await copyInto(image, 'x')
  expect(readdirSync(at('l')).toSorted()).toEqual(['.podwright', 'blobs', 'index.json', 'oci-layout'])
  expect(readFileSync(at('l/.podwright/index.lock'))).toHaveLength(0)
})
