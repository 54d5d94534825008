import { createSpecialFiles } from '@podwright/linux'
import { isPodwrightError } from '@podwright/conventions'
import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  applyLayers,
  compress,
  createTarWriter,
  encodeLayer,
  extractLayer,
  flattenLayers,
  type LayerReader,
  listLayers,
  packTree,
  readFileFromLayers,
  type ReadFileOptions,
  type TarEntryInit,
} from '../src/index.ts'
import { cases, timeoutFor } from './fixtures/cases.ts'
import { collect, inPieces, readAll, text } from './fixtures/collect.ts'
import { needsRoot, temporaryDirectory } from './fixtures/directories.ts'
import { randomLayers, tarOf } from './fixtures/random-layers.ts'
import { paxEntry, rawEntry, rawTar } from './fixtures/raw-tar.ts'
import { describeTree } from './fixtures/tree.ts'

const special = createSpecialFiles()

type Line = TarEntryInit | [entry: TarEntryInit, content: string] | string

/** A layer: a string is a file of that name, with its name as content. */
function layer(...lines: readonly Line[]): LayerReader {
  const writer = createTarWriter()
  for (const line of lines) {
    if (typeof line === 'string') writer.add({ name: line, modified: 1_000_000_000n }, line.includes('.wh.') ? '' : line)
    else if (Array.isArray(line)) writer.add(...line)
    else writer.add(line)
  }
  const tar = writer.finish()
  return () => inPieces(tar, 700)
}

const link = (name: string, linkName: string): TarEntryInit => ({ name, type: 'symlink', linkName })
const hard = (name: string, linkName: string): TarEntryInit => ({ name, type: 'hardlink', linkName })
const dir = (name: string, mode = 0o750): TarEntryInit => ({ name, type: 'directory', mode, modified: 2_000_000_000n })

async function flat(...layers: readonly LayerReader[]): Promise<string[]> {
  const entries = await readAll(flattenLayers(layers))
  return entries.map(({ name, type, bytes, linkName }) => `${text(name)} ${type} ${text(bytes)}${text(linkName)}`.trim())
}

async function read(layers: readonly LayerReader[], path: string, options: ReadFileOptions = {}): Promise<string | undefined> {
  const file = await readFileFromLayers(layers, path, options)
  return file && `${text(file.path)} of ${file.layer}: ${text(await collect(file.content))}`
}

describe('flattened', () => {
  test('upper layers win, whiteouts and opaque directories take away', async () => {
    const layers = [
      layer(dir('d'), 'd/1', 'd/2', 'e/1', 'f', 'g'),
      layer('.wh.f', 'd/.wh.1', 'e/.wh..wh..opq', 'e/2'),
      layer([{ name: 'g' }, 'new']),
    ]
    expect(await flat(...layers)).toEqual(['d/ directory', 'e/ directory', 'd/2 file d/2', 'e/2 file e/2', 'g file new'])
  })

  test('hard links: to a file of a lower layer, and to one that an upper layer took away or replaced', async () => {
    expect(await flat(layer('a'), layer(hard('b', 'a')))).toEqual(['a file a', 'b hardlink a'])
    expect(await flat(layer('a', hard('b', 'a'), hard('c', 'a')), layer('.wh.a'))).toEqual(['b file a', 'c hardlink b'])
    expect(await flat(layer('a', hard('b', 'a')), layer([{ name: 'a' }, 'other']))).toEqual(['b file a', 'a file other'])
    expect(await flat(layer('a'), layer(hard('b', 'a')), layer('.wh.a'), layer(hard('c', 'b')))).toEqual(['b file a', 'c hardlink b'])
    expect(await flat(layer('d/a'), layer(hard('b', 'd/a'), 'd/.wh..wh..opq'))).toEqual(['d/ directory', 'b file d/a'])
  })

  test('hard links to nothing', async () => {
    for (const layers of [
      [layer(hard('b', 'a'))],
      [layer('a'), layer('.wh.a'), layer(hard('b', 'a'))],
      [layer('a'), layer('.wh.a', hard('b', 'a'))],
      [layer('a/x'), layer(hard('b', 'a'))],
    ])
      await expect(flat(...layers)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_LINK_TARGET' })
  })

  test('a directory keeps its attributes when an upper layer only has something in it', async () => {
    const [entry] = await readAll(flattenLayers([layer(dir('d', 0o711)), layer('d/x'), layer('d/.wh..wh..opq')]))
    expect(entry).toMatchObject({ mode: 0o711, modified: 2_000_000_000n })
  })

  test('types that take the place of one another', async () => {
    expect(await flat(layer('a/b', 'c'), layer('a', 'c/d'))).toEqual(['c/ directory', 'a file a', 'c/d file c/d'])
    expect(await flat(layer('a/b'), layer('a'), layer('a/c'))).toEqual(['a/ directory', 'a/c file a/c'])
  })

  test("whiteouts in what became a file, umoci's way to say so", async () => {
    const layers = [layer('d/1', 'd/2'), layer('d', 'd/.wh.1', 'd/.wh.2', 'd/.wh..wh..opq')]
    expect(await flat(...layers)).toEqual(['d file d'])
    const directory = temporaryDirectory()
    await applyLayers(layers, directory, { special })
    expect(readFileSync(join(directory, 'd'), 'utf8')).toBe('d')
    const alone = temporaryDirectory()
    await extractLayer(await layers[1]!(), alone, { special, whiteouts: 'overlay' })
    expect(readFileSync(join(alone, 'd'), 'utf8')).toBe('d')
  })

  test('what climbs out, goes through a link, or lies in a whiteout', async () => {
    for (const layers of [
      [layer('../x')],
      [layer(link('l', '/etc'), 'l/x')],
      [layer(link('l', '/etc')), layer('l/x')],
      [layer('.wh.d/f')],
      [layer(hard('h', '../x'))],
    ])
      await expect(flat(...layers)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_UNSAFE_PATH' })
    const entries = await readAll(flattenLayers([layer(link('lib', 'usr/lib'), 'lib/x')], { symlinkedParents: 'follow' }))
    expect(entries.map(({ name }) => text(name))).toEqual(['usr/', 'usr/lib/', 'lib', 'usr/lib/x'])
  })

  test('sparse files become whole, long names, attributes and big numbers stay', async () => {
    const entry: TarEntryInit = {
      name: 'n'.repeat(300),
      uid: 3_000_000,
      modified: 1n,
      xattrs: [{ name: Buffer.from('security.capability'), value: new Uint8Array([0x84, 0]) }],
    }
    const map = paxEntry([
      ['GNU.sparse.size', '20'],
      ['GNU.sparse.map', '10,1'],
    ])
    const sparse = rawTar(map, { name: 's', data: 'x' })
    const device: TarEntryInit = { name: 'z', type: 'character', major: 1, minor: 3 }
    const [whole, long, other] = await readAll(flattenLayers([() => [sparse], layer([entry, 'x'], device)]))
    expect(whole).toMatchObject({ sizeBytes: 20, sparse: undefined, bytes: Buffer.from(`${'\0'.repeat(10)}x${'\0'.repeat(9)}`) })
    expect(long).toMatchObject({ uid: 3_000_000, modified: 1n, xattrs: entry.xattrs })
    expect(text(long!.name)).toBe(entry.name)
    expect(other).toMatchObject({ type: 'character', major: 1, minor: 3 })
  })

  test('limits, and an abort', async () => {
    await expect(collect(flattenLayers([layer('a', 'b'), layer('c')], { maxEntries: 2 }))).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_LIMIT',
    })
    await expect(collect(flattenLayers([layer('a')], { signal: AbortSignal.abort('enough') }))).rejects.toBe('enough')
  })

  test('memory holds names, not contents', async () => {
    const block = Buffer.alloc(1 << 20)
    function* big(): Generator<Uint8Array> {
      for (let index = 0; index < 300; index++) {
        yield rawEntry({ name: `${index}`, size: (1 << 20).toString(8).padStart(11, '0') })
        yield block
      }
      yield new Uint8Array(1024)
    }
    const before = process.memoryUsage().rss
    let bytes = 0
    for await (const chunk of flattenLayers([big, big])) bytes += chunk.length
    expect(bytes).toBe(300 * ((1 << 20) + 512) + 1024)
    expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20)
  })
})

describe('one file of an image', () => {
  const image = [
    layer(
      'etc/os-release',
      'usr/lib/real',
      link('lib', 'usr/lib'),
      link('abs', '/etc/../lib/real'),
      link('up', '../../../etc/os-release'),
      link('loop', 'loop'),
    ),
    layer('etc/new', hard('etc/hard', 'usr/lib/real'), '.wh.gone', 'd/x'),
    layer([{ name: 'etc/os-release' }, 'newer'], 'd/.wh..wh..opq', { name: 'pipe', type: 'fifo' }),
  ]

  test.each([
    ['etc/os-release', 'etc/os-release of 2: newer'],
    ['/etc/./new', 'etc/new of 1: etc/new'],
    ['lib/real', 'usr/lib/real of 0: usr/lib/real'],
    ['abs', 'usr/lib/real of 0: usr/lib/real'],
    ['up', 'etc/os-release of 2: newer'],
    ['../../etc/new', 'etc/new of 1: etc/new'],
    ['etc/hard', 'etc/hard of 0: usr/lib/real'],
    ['gone', undefined],
    ['d/x', undefined],
    ['etc/new/x', undefined],
    ['nowhere/at/all', undefined],
  ])('%s', async (path, expected) => {
    expect(await read(image, path)).toBe(expected)
  })

  test.each([['loop'], ['etc'], ['/'], ['pipe']])('%s is no file', async (path) => {
    await expect(read(image, path)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_NOT_A_FILE' })
  })

  test('larger than wanted', async () => {
    await expect(read(image, 'etc/new', { maxSizeBytes: 6 })).rejects.toMatchObject({ code: 'ERR_ARCHIVE_LIMIT' })
    expect(await read(image, 'etc/new', { maxSizeBytes: 7 })).toContain('etc/new')
  })

  test('no layer below the one that settles it is read, and that one only up to the file', async () => {
    const unread: LayerReader = () => {
      throw new Error('was read')
    }
    expect(await read([unread, layer('a')], 'a')).toBe('a of 1: a')
    expect(await read([unread, layer('.wh.a')], 'a')).toBeUndefined()
    expect(await read([unread, layer('d/.wh..wh..opq')], 'd/e/f')).toBeUndefined()
    await expect(read([unread, layer('a')], 'b')).rejects.toThrow('was read')
    let reads = 0
    let pieces = 0
    const tar = createTarWriter()
      .add({ name: 'a' }, 'a')
      .add({ name: 'b' }, Buffer.alloc(5 << 20))
      .finish()
    const counting: LayerReader = function* () {
      reads++
      for (const piece of inPieces(tar, 1 << 16)) {
        if (reads === 2) pieces++
        yield piece
      }
    }
    expect(await read([counting], 'a')).toBe('a of 0: a')
    expect(pieces).toBeLessThan(5)
  })

  test('content that is not read lets go of the layer', async () => {
    let open = 0
    const counting: LayerReader = async function* () {
      open++
      try {
        yield createTarWriter().add({ name: 'a' }, 'a').finish()
      } finally {
        open--
      }
    }
    const file = await readFileFromLayers([counting], 'a')
    for await (const _ of file!.content) break
    expect(open).toBe(0)
  })
})

test('listed, with the layer that each path comes from', async () => {
  const layers = [layer(dir('d'), 'd/1', 'd/2', 'f'), layer('d/.wh.1', hard('h', 'f'), 'i/j')]
  const lines: string[] = []
  for await (const { path, entry, layer: from } of listLayers(layers)) lines.push(`${text(path)} ${from} ${entry?.type ?? '-'}`)
  expect(lines).toEqual([' 1 -', 'd 0 directory', 'd/2 0 file', 'f 0 file', 'h 0 file', 'i 1 -', 'i/j 1 file'])
})

describe('a new layer', () => {
  test.each(['none', 'gzip', 'zstd'] as const)('%s: both digests in one pass', async (compression) => {
    const tar = await collect(packTree(import.meta.dirname))
    const encoded = encodeLayer(inPieces(tar, 5000), compression)
    expect(() => encoded.digests()).toThrow(TypeError)
    const blob = await collect(encoded)
    const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    expect(encoded.digests()).toEqual({ diffId: sha256(tar), tarBytes: tar.length, digest: sha256(blob), sizeBytes: blob.length })
    const { diffId } = await extractLayer([blob], temporaryDirectory())
    expect(diffId).toBe(encoded.digests().diffId)
  })
})

describe('applied', () => {
  test('one after the other, limits for all together; a directory that is only implied keeps its time', async () => {
    const directory = temporaryDirectory()
    const layers = [
      layer(dir('d'), 'd/1', 'd/2'),
      () =>
        compress(
          [
            tarOf([
              { init: { name: 'd/.wh.1' }, content: '' },
              { init: { name: 'd/3' }, content: '3' },
            ]),
          ],
          'gzip',
        ),
    ]
    const results = await applyLayers(layers, directory, { special })
    expect(results.map(({ entries, whiteouts }) => [entries, whiteouts])).toEqual([
      [3, 0],
      [2, 1],
    ])
    expect(lstatSync(join(directory, 'd')).mtimeMs).toBe(2000)
    await expect(applyLayers(layers, temporaryDirectory(), { special, maxEntries: 4 })).rejects.toMatchObject({ code: 'ERR_ARCHIVE_LIMIT' })
    await expect(applyLayers(layers, temporaryDirectory(), { special, maxSizeBytes: 6 })).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_LIMIT',
    })
  })
})

const runs = cases(60)

/** What came out, or the code of the error. */
async function outcome<Result>(work: Promise<Result>): Promise<Result | string> {
  try {
    return await work
  } catch (error) {
    if (!isPodwrightError(error)) throw error
    return error.code
  }
}

/** Times of directories that no layer has an entry of are those of their making, or none. */
function withoutOwnTimes(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.startsWith('. ')).map((line) => line.replace(/ t=(\d{18,}|0)(?= |$)/, ''))
}

describe.skipIf(needsRoot)('whatever the layers', () => {
  test('applied, flattened, listed and read they are the same tree', { timeout: timeoutFor(runs) }, async () => {
    let agreed = 0
    await fc.assert(
      fc.asyncProperty(randomLayers(4, 8), async (random) => {
        const layers = random.map((entries): LayerReader => {
          const tar = tarOf(entries)
          return () => [tar]
        })
        const place = temporaryDirectory()
        if (await isSameTree(layers, place)) agreed++
        rmSync(place, { recursive: true })
      }),
      { numRuns: runs },
    )
    expect(agreed).toBeGreaterThan(runs / 10)
  })
})

/** @returns false for layers that can't be applied; what can't may still make sense as a whole. */
async function isSameTree(layers: readonly LayerReader[], place: string): Promise<boolean> {
  const [applied, flattened] = [join(place, 'applied'), join(place, 'flat')]
  const results = await outcome(applyLayers(layers, applied, { special }))
  const tar = await outcome(collect(flattenLayers(layers)))
  if (typeof results === 'string') return false
  if (typeof tar === 'string') throw new Error(`flattened, it fails with ${tar}`)
  await extractLayer([tar], flattened, { special })
  expect(withoutOwnTimes(describeTree(flattened))).toEqual(withoutOwnTimes(describeTree(applied)))
  await sameFiles(layers, applied)
  return true
}

async function sameFiles(layers: readonly LayerReader[], tree: string): Promise<void> {
  for await (const { path, entry } of listLayers(layers)) {
    const file = Buffer.concat([Buffer.from(`${tree}/`), path])
    const stats = lstatSync(file)
    if (entry?.type !== 'file') continue
    expect(stats.isFile()).toBe(true)
    const found = await readFileFromLayers(layers, path)
    expect(Buffer.compare(await collect(found!.content), readFileSync(file))).toBe(0)
  }
}
