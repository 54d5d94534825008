import {
  copyImage,
  openArchiveDestination,
  openArchiveSource,
  openImageArchive,
  openImageArchiveWriter,
  parseImageName,
} from '@podwright/distribution'
import { createReadStream, createWriteStream, existsSync, readdirSync, readFileSync, symlinkSync, lstatSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { noise, testImage, testIndex } from './fixtures/image.ts'
import { memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { all, allTransports, useDirectory } from './fixtures/places.ts'
import { realImage } from './fixtures/real-image.ts'

const at = useDirectory()
const one = realImage({ seed: 'one' })
const two = realImage({ seed: 'two', format: 'docker', compression: 'zstd', repeated: true })
const names = { one: ['docker.io/library/one:1', 'example.com/one:2'], two: ['localhost/two:latest'] }

async function write(format: 'docker-archive' | 'oci-archive', path = at('archive.tar')): Promise<string> {
  await using writer = await openImageArchiveWriter(path, { format })
  await copyImage(memorySource(one), writer.destination(names.one))
  await copyImage(memorySource(two), writer.destination(names.two))
  await writer.finish()
  return path
}

describe.each(['docker-archive', 'oci-archive'] as const)('%s', (format) => {
  test('holds several images, each with its names', async () => {
    await using archive = await openImageArchive(await write(format))
    expect(archive.format).toBe(format)
    expect(archive.images.map((image) => image.names)).toEqual([names.one, names.two])
    const configs = await Promise.all(archive.images.map(async (image) => configOf(await memoryCopy(image.source()))))
    expect(configs).toEqual([one.config, two.config])
  })

  test('lists what it has, by names that lead there', async () => {
    const transports = allTransports()
    const listed = await all(transports.list(`${format}:${await write(format)}`))
    expect(listed.map(({ name }) => name)).toEqual([...names.one, ...names.two])
    for (const [position, { image }] of listed.entries()) {
      await using source = await transports.openSource(image)
      expect(configOf(await memoryCopy(source))).toBe([one, one, two][position]!.config)
    }
  })

  test('gives one image several names', async () => {
    const name = parseImageName(`${format}:${at('named.tar')}:${names.one[0]}`) as Parameters<typeof openArchiveDestination>[0]
    {
      // One that it has already is no second one.
      await using destination = await openArchiveDestination(name, { additionalNames: names.one.toReversed() })
      await copyImage(memorySource(one), destination)
    }
    await using archive = await openImageArchive(at('named.tar'))
    expect(archive.images.map((image) => image.names)).toEqual([names.one])
  })

  test('is read compressed, and from a stream', async () => {
    const bytes = readFileSync(await write(format))
    writeFileSync(at('a.gz'), gzipSync(bytes))
    writeFileSync(at('a.zst'), zstdCompressSync(bytes))
    for (const input of [at('a.gz'), at('a.zst'), createReadStream(at('archive.tar')), createReadStream(at('a.zst'))]) {
      await using archive = await openImageArchive(input, { temporaryDirectory: at() })
      expect(archive.images.map((image) => image.names)).toEqual([names.one, names.two])
      expect(configOf(await memoryCopy(archive.images[1]!.source()))).toBe(two.config)
    }
    expect(readdirSync(at()).toSorted()).toEqual(['a.gz', 'a.zst', 'archive.tar'])
  })

  test('is the same bytes each time, into a file, a stream and a device', async () => {
    const path = await write(format)
    const stream = createWriteStream(at('streamed.tar'))
    await using writer = await openImageArchiveWriter(stream, { format, temporaryDirectory: at() })
    await copyImage(memorySource(one), writer.destination(names.one), { concurrency: 1 })
    await copyImage(memorySource(two), writer.destination(names.two), { concurrency: 1 })
    await writer.finish()
    await new Promise((resolve) => stream.end(resolve))
    expect(execFileSync('tar', ['-tf', at('streamed.tar')]).toString()).toBe(execFileSync('tar', ['-tf', path]).toString())
    await write(format, '/dev/null')
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  test('replaces a file when it is whole, and only then', async () => {
    writeFileSync(at('real.tar'), 'precious')
    symlinkSync('real.tar', at('link.tar'))
    {
      await using writer = await openImageArchiveWriter(at('link.tar'), { format })
      await copyImage(memorySource(one), writer.destination(names.one))
    }
    expect(readFileSync(at('real.tar'), 'utf8')).toBe('precious')
    await write(format, at('link.tar'))
    expect(lstatSync(at('link.tar')).isSymbolicLink()).toBe(true)
    expect(readdirSync(at()).toSorted()).toEqual(['link.tar', 'real.tar'])
    await using archive = await openImageArchive(at('real.tar'))
    expect(archive.images).toHaveLength(2)
  })

  test('goes on after a blob that failed, without a trace of it', async () => {
    const [layer] = one.layers as [(typeof one.layers)[0]]
    const lying = memorySource({ ...one, blobs: new Map(one.blobs).set(layer.digest, noise(layer.size, 9)) })
    await using writer = await openImageArchiveWriter(at('a.tar'), { format })
    await expect(copyImage(lying, writer.destination(['x/lying:1']))).rejects.toMatchObject({ code: 'ERR_BLOB_DIGEST_MISMATCH' })
    await copyImage(memorySource(two), writer.destination(names.two))
    await writer.finish()
    await using archive = await openImageArchive(at('a.tar'))
    expect(archive.images.map((image) => image.names)).toEqual([names.two])
    expect(configOf(await memoryCopy(archive.images[0]!.source()))).toBe(two.config)
  })

  test('can be called off, and leaves nothing', async () => {
    const controller = new AbortController()
    const name = parseImageName(`${format}:${at('a.tar')}`)
    {
      await using destination = await allTransports().openDestination(name)
      const copy = copyImage(memorySource(one), destination, {
        signal: controller.signal,
        onProgress: (event) => event.type === 'blob:progress' && controller.abort(new Error('enough')),
      })
      await expect(copy).rejects.toThrow('enough')
    }
    expect(readdirSync(at())).toEqual([])
  })

  test('of several images, one must be named', async () => {
    const path = await write(format)
    const open = (name: string) => allTransports().openSource(`${format}:${path}${name}`)
    await expect(open(':no/such:1').then((source) => source.manifest())).rejects.toMatchObject({
      code: format === 'oci-archive' ? 'ERR_LAYOUT_NOT_FOUND' : 'ERR_IMAGE_ARCHIVE_NOT_FOUND',
      hint: expect.stringContaining(names.two[0]!),
    })
    await expect(open('').then((source) => source.manifest())).rejects.toMatchObject({
      code: format === 'oci-archive' ? 'ERR_LAYOUT_AMBIGUOUS' : 'ERR_IMAGE_ARCHIVE_AMBIGUOUS',
    })
    await expect(open(':@7')).rejects.toMatchObject({ message: expect.stringContaining('number 7') })
    await using second = await open(':@1')
    expect(configOf(await memoryCopy(second))).toBe(format === 'oci-archive' ? one.config : two.config)
  })
})

describe('docker-archive', () => {
  test('has layers as the config says, once each, and a manifest as docker writes it', async () => {
    const path = await write('docker-archive')
    const members = execFileSync('tar', ['-tf', path]).toString().trim().split('\n')
    expect(new Set(members).size).toBe(members.length)
    const document = JSON.parse(execFileSync('tar', ['-xOf', path, 'manifest.json']).toString()) as Record<string, unknown>[]
    expect(document.map(({ RepoTags, Config }) => [RepoTags, Config])).toEqual([
      [names.one, `${one.config.slice(7)}.json`],
      [names.two, `${two.config.slice(7)}.json`],
    ])
    expect((document[1]!['Layers'] as string[]).map((layer) => members.includes(layer))).toEqual([true, true, true])
    expect(JSON.parse(execFileSync('tar', ['-xOf', path, 'repositories']).toString())).toMatchObject({
      'localhost/two': { latest: expect.any(String) },
    })
  })

  test('can not preserve digests, hold an index, or an artifact', async () => {
    const destination = () => allTransports().openDestination(`docker-archive:${at('a.tar')}`)
    const copy = async (image: typeof one, options = {}): Promise<unknown> => {
      await using to = await destination()
      return await copyImage(memorySource(image), to, options)
    }
    await expect(copy(one, { preserveDigests: true })).rejects.toMatchObject({ code: 'ERR_DIGESTS_NOT_PRESERVED' })
    const index = testIndex([[{ os: 'linux', architecture: 'amd64' }, one]])
    await expect(copy(index, { platforms: 'all' })).rejects.toMatchObject({ code: 'ERR_CONVERSION_UNSUPPORTED' })
    await expect(copy(one, { format: 'oci' })).rejects.toMatchObject({ code: 'ERR_CONVERSION_UNSUPPORTED' })
    await expect(copy(one, { compression: 'gzip' })).rejects.toMatchObject({ code: 'ERR_CONVERSION_UNSUPPORTED' })
    // Of an index, one image is what it can hold.
    await expect(copy(index)).resolves.toMatchObject({ images: [{ platform: { architecture: 'amd64' } }] })
    expect(existsSync(at('a.tar'))).toBe(true)
  })

  test('a layer that unpacks to something else is refused', async () => {
    const wrong = testImage({ layers: [noise(1000)] })
    const other = testImage({ layers: [noise(1000, 7)] })
    const layer = wrong.layers[0]!
    // The blob is what its digest says, but not what the config says.
    const manifest = JSON.parse(Buffer.from(wrong.top.bytes).toString()) as { layers: unknown[] }
    manifest.layers = [other.layers[0]]
    const { recordOf } = await import('./fixtures/image.ts')
    const top = recordOf(manifest, wrong.top.descriptor.mediaType)
    const image = { ...wrong, top, manifests: [top], blobs: new Map([...wrong.blobs, ...other.blobs]) }
    for (const compression of [undefined, 'none'] as const) {
      await using writer = await openImageArchiveWriter(at('a.tar'))
      await expect(copyImage(memorySource(image), writer.destination(), { compression })).rejects.toMatchObject({
        code: 'ERR_DIFF_ID_MISMATCH',
      })
    }
    await expect(copyImage(memorySource(image), memoryDestination(), { compression: 'zstd' })).rejects.toMatchObject({
      code: 'ERR_DIFF_ID_MISMATCH',
      details: { found: expect.not.stringContaining(layer.digest) },
    })
  })
})

test('oci-archive has its directories, for who may not make them root’s', async () => {
  const lines = execFileSync('tar', ['-tvf', await write('oci-archive')], { encoding: 'utf8' }).split('\n')
  expect(lines.slice(0, 2)).toEqual([expect.stringMatching(/^drwxr-xr-x 0\/0 .* blobs\/$/), expect.stringMatching(/^d.* blobs\/sha256\/$/)])
  expect(lines.filter((line) => line.startsWith('d'))).toHaveLength(2)
})

test('oci-archive keeps an index with all its images, and every digest', async () => {
  const index = testIndex([
    [{ os: 'linux', architecture: 'amd64' }, one],
    [
      { os: 'linux', architecture: 's390x' },
      realImage({ platform: { os: 'linux', architecture: 's390x' }, seed: 's390x', compression: 'none' }),
    ],
  ])
  const name = `oci-archive:${at('a.tar')}:all`
  {
    await using destination = await allTransports().openDestination(name)
    const result = await copyImage(memorySource(index), destination, { platforms: 'all', preserveDigests: true })
    expect(result.committed).toEqual(index.top.descriptor)
  }
  await using source = await openArchiveSource(parseImageName(name) as never)
  const copy = await memoryCopy(source, { platforms: 'all' })
  expect([...copy.blobs.keys()].toSorted()).toEqual([...index.blobs.keys()].toSorted())
  expect(copy.committed?.digest).toBe(index.top.descriptor.digest)
})

async function memoryCopy(source: ReturnType<typeof memorySource>, options = {}): Promise<ReturnType<typeof memoryDestination>> {
  const destination = memoryDestination()
  await copyImage(source, destination, options)
  return destination
}

function configOf({ manifests, committed }: ReturnType<typeof memoryDestination>): string {
  const { bytes } = manifests.get(committed!.digest)!
  return (JSON.parse(Buffer.from(bytes).toString()) as { config: { digest: string } }).config.digest
}
