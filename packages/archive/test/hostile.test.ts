import { createSpecialFiles } from '@podwright/linux'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compress, createTarWriter, type ExtractOptions, extractLayer, flattenLayers, listLayer, type TarEntryInit } from '../src/index.ts'
import { collect } from './fixtures/collect.ts'
import { temporaryDirectory } from './fixtures/directories.ts'
import { rawEntry, rawTar } from './fixtures/raw-tar.ts'

const special = createSpecialFiles()

/** A directory with a root in it to unpack to, and a secret beside it that must stay as it is. */
function makePlace(): { root: string; outside: string; check: () => void } {
  const place = temporaryDirectory()
  const root = join(place, 'root')
  const outside = join(place, 'outside')
  mkdirSync(root)
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret'), 'secret')
  const before = statSync(join(outside, 'secret'), { bigint: true })
  return {
    root,
    outside,
    check: () => {
      expect(readdirSync(place).toSorted()).toEqual(['outside', 'root'])
      expect(readdirSync(outside)).toEqual(['secret'])
      expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
      const after = statSync(join(outside, 'secret'), { bigint: true })
      expect([after.ino, after.mode, after.nlink, after.mtimeNs]).toEqual([before.ino, before.mode, before.nlink, before.mtimeNs])
    },
  }
}

function tarOf(entries: readonly TarEntryInit[]): Uint8Array {
  const writer = createTarWriter()
  for (const entry of entries) writer.add(entry, (entry.type ?? 'file') === 'file' ? 'content' : '')
  return writer.finish()
}

const unsafe = 'ERR_ARCHIVE_UNSAFE_PATH'
const everyMode = ['apply', 'keep', 'overlay'] as const

describe.each(everyMode)('whiteouts: %s', (whiteouts) => {
  const link = (name: string, linkName: string): TarEntryInit => ({ name, type: 'symlink', linkName })
  test.each([
    ['a name that climbs', () => [{ name: '../x' }], unsafe],
    ['a name that climbs later', () => [{ name: 'a/../../x' }], unsafe],
    ['an absolute name that climbs', () => [{ name: '/../x' }], unsafe],
    ['a directory that climbs', () => [{ name: '../outside/', type: 'directory' }], unsafe],
    ['a root that is a file', () => [{ name: '.' }], unsafe],
    ['a root that is a symbolic link', (place) => [link('./', place.outside)], unsafe],
    ['a file through a link out', (place) => [link('l', place.outside), { name: 'l/secret' }], unsafe],
    ['a file through a relative link out', () => [link('l', '../outside'), { name: 'l/secret' }], unsafe],
    ['a file through a link to a link', (place) => [link('m', place.outside), link('l', 'm'), { name: 'l/x/y' }], unsafe],
    ['a directory through a link', (place) => [link('l', place.outside), { name: 'l/d', type: 'directory' }], unsafe],
    [
      'a directory that becomes a link after it was used',
      (place) => [{ name: 'd/f' }, link('d', place.outside), { name: 'd/secret' }],
      unsafe,
    ],
    ['a hard link to outside', () => [{ name: 'h', type: 'hardlink', linkName: '../outside/secret' }], unsafe],
    ['a hard link through a link', (place) => [link('l', place.outside), { name: 'h', type: 'hardlink', linkName: 'l/secret' }], unsafe],
    ['a hard link to what is not there', () => [{ name: 'h', type: 'hardlink', linkName: 'nowhere' }], 'ERR_ARCHIVE_LINK_TARGET'],
    [
      'a hard link to an absolute name, which counts from the root',
      (place) => [{ name: 'h', type: 'hardlink', linkName: `${place.outside}/secret` }],
      'ERR_ARCHIVE_LINK_TARGET',
    ],
    [
      'a hard link to a directory',
      () => [
        { name: 'd', type: 'directory' },
        { name: 'h', type: 'hardlink', linkName: 'd' },
      ],
      'ERR_ARCHIVE_LINK_TARGET',
    ],
    ['a hard link to the root', () => [{ name: 'h', type: 'hardlink', linkName: '/' }], 'ERR_ARCHIVE_LINK_TARGET'],
  ] satisfies [string, (place: ReturnType<typeof makePlace>) => TarEntryInit[], string][])('%s', async (_, entries, code) => {
    const place = makePlace()
    await expect(extractLayer([tarOf(entries(place))], place.root, { special, whiteouts })).rejects.toMatchObject({ code })
    place.check()
  })

  test('links out that nothing goes through stay links', async () => {
    const place = makePlace()
    const tar = tarOf([
      link('a', place.outside),
      link('b', '../../../../etc/passwd'),
      { name: 'h', type: 'hardlink', linkName: 'a' },
      { name: 'a' },
      { name: 'b' },
    ])
    await extractLayer([tar], place.root, { special, whiteouts })
    place.check()
    expect([lstatSync(join(place.root, 'a')).isFile(), lstatSync(join(place.root, 'b')).isFile()]).toEqual([true, true])
    expect(readlinkSync(join(place.root, 'h'))).toBe(place.outside)
  })

  test('absolute names count from the root', async () => {
    const place = makePlace()
    await extractLayer([tarOf([{ name: `${place.outside}/secret` }, { name: '//x/./y/../z' }])], place.root, { special, whiteouts })
    place.check()
    expect(existsSync(join(place.root, place.outside, 'secret'))).toBe(true)
    expect(existsSync(join(place.root, 'x/z'))).toBe(true)
  })

  test('a link that was there before is not gone through either', async () => {
    const place = makePlace()
    symlinkSync(place.outside, join(place.root, 'l'))
    await expect(extractLayer([tarOf([{ name: 'l/secret' }])], place.root, { special, whiteouts })).rejects.toMatchObject({ code: unsafe })
    place.check()
  })

  test('attributes of a directory never reach the target of a link of its name', async () => {
    const place = makePlace()
    const mode = statSync(place.outside).mode
    const tar = tarOf([
      { name: 'd', type: 'directory', mode: 0o777 },
      { name: 'd/e', type: 'directory', mode: 0o777 },
      link('d', place.outside),
    ])
    await extractLayer([tar], place.root, { special, whiteouts })
    place.check()
    expect(statSync(place.outside).mode).toBe(mode)
  })
})

describe('symbolic links as parents, followed as by chroot', () => {
  const options: ExtractOptions = { special, symlinkedParents: 'follow' }

  test.each([
    ['relative', 'usr/lib'],
    ['absolute', '/usr/lib'],
    ['with too many steps up', '../../../../usr/lib'],
    ['odd', './usr/../usr//lib/.'],
  ])('%s', async (_, target) => {
    const place = makePlace()
    const tar = tarOf([
      { name: 'lib', type: 'symlink', linkName: target },
      { name: 'lib/x' },
      { name: 'lib/h', type: 'hardlink', linkName: 'lib/x' },
    ])
    await extractLayer([tar], place.root, options)
    place.check()
    expect(readlinkSync(join(place.root, 'lib'))).toBe(target)
    expect(statSync(join(place.root, 'usr/lib/x')).nlink).toBe(2)
  })

  test('a link out leads to the same path below the root', async () => {
    const place = makePlace()
    await extractLayer([tarOf([{ name: 'l', type: 'symlink', linkName: place.outside }, { name: 'l/secret' }])], place.root, options)
    place.check()
    expect(existsSync(join(place.root, place.outside, 'secret'))).toBe(true)
  })

  test('a circle of links', async () => {
    const place = makePlace()
    const tar = tarOf([{ name: 'a', type: 'symlink', linkName: 'b' }, { name: 'b', type: 'symlink', linkName: 'a' }, { name: 'a/x' }])
    await expect(extractLayer([tar], place.root, options)).rejects.toMatchObject({ code: unsafe })
  })
})

describe('whiteouts', () => {
  test.each(['.wh.', '.wh..', '.wh...', 'd/.wh...', '.wh.d/f'])('%s', async (name) => {
    for (const whiteouts of ['apply', 'overlay'] as const) {
      const place = makePlace()
      writeFileSync(join(place.root, 'kept'), '')
      await expect(extractLayer([tarOf([{ name }])], place.root, { special, whiteouts })).rejects.toMatchObject({ code: unsafe })
      place.check()
      expect(existsSync(join(place.root, 'kept'))).toBe(true)
    }
  })

  test('of something behind a link', async () => {
    const place = makePlace()
    const tar = tarOf([{ name: 'l', type: 'symlink', linkName: place.outside }, { name: 'l/.wh.secret' }])
    await expect(extractLayer([tar], place.root, { special })).rejects.toMatchObject({ code: unsafe })
    place.check()
  })

  test('of a link takes the link, not its target', async () => {
    const place = makePlace()
    symlinkSync(place.outside, join(place.root, 'l'))
    await extractLayer([tarOf([{ name: '.wh.l' }])], place.root, { special })
    place.check()
    expect(readdirSync(place.root)).toEqual([])
  })
})

function* numbered(): Generator<Uint8Array> {
  for (let index = 0; index < 1_000_000; index++) yield rawEntry({ name: `${index}` })
}

function* halfMillion(): Generator<Uint8Array> {
  const thousand = Buffer.concat(Array.from({ length: 1000 }, (_, index) => rawEntry({ name: `${index}` })))
  for (let index = 0; index < 500; index++) yield thousand
}

/** A file of 4 GB, half of it. */
function* zeros(): Generator<Uint8Array> {
  yield rawEntry({ name: 'zeros', size: (4 * 2 ** 30).toString(8).padStart(11, '0') })
  for (let index = 0; index < 512; index++) yield new Uint8Array(1 << 20)
}

describe('much of it', () => {
  test('half a million entries stop at the limit, and can be listed in little memory', async () => {
    const place = makePlace()
    const limited = extractLayer(numbered(), place.root, { special, maxEntries: 2000 })
    await expect(limited).rejects.toMatchObject({ code: 'ERR_ARCHIVE_LIMIT' })
    expect(readdirSync(place.root)).toHaveLength(2000)
    let count = 0
    const before = process.memoryUsage().rss
    for await (const _ of listLayer(halfMillion())) count++
    expect(count).toBe(500_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(120 << 20)
  })

  test('directories nested as deep as paths can be', { timeout: 120_000 }, async () => {
    const place = makePlace()
    const deep = 'd/'.repeat(1900)
    const tar = createTarWriter()
      .add({ name: `${deep}f` }, 'x')
      .add({ name: deep, type: 'directory', mode: 0o700 })
      .finish()
    await extractLayer([tar], place.root, { special })
    expect(statSync(join(place.root, deep, 'f')).size).toBe(1)
    await extractLayer([tarOf([{ name: 'd', type: 'symlink', linkName: 'x' }])], place.root, { special })
    expect(readdirSync(place.root)).toEqual(['d'])
  })

  test('names nested 10,000 deep are listed, and neither merged nor written', async () => {
    const place = makePlace()
    const name = `${'d/'.repeat(10_000)}f`
    const tar = createTarWriter().add({ name }, 'x').finish()
    const paths: number[] = []
    for await (const { path } of listLayer([tar])) paths.push(path!.length)
    expect(paths).toEqual([name.length])
    const listing = collect(flattenLayers([() => [tar]]))
    await expect(listing).rejects.toMatchObject({ code: 'ERR_ARCHIVE_LIMIT' })
    const extraction = extractLayer([tar], place.root, { special })
    await expect(extraction).rejects.toMatchObject({ code: 'ERR_ARCHIVE_WRITE', cause: { code: 'ENAMETOOLONG' } })
    place.check()
  })

  test.each(['gzip', 'zstd'] as const)(
    'a bomb of %s stops at the limit, or while space is left',
    { timeout: 120_000 },
    async (compression) => {
      const place = makePlace()
      const bomb = await collect(compress(zeros(), compression, { level: 1 }))
      expect(bomb.length).toBeLessThan(4 << 20)
      const free = statfsSync(place.root)
      const extract = (options: ExtractOptions): Promise<unknown> => extractLayer([bomb], place.root, { special, ...options })
      await expect(extract({ maxSizeBytes: 1 << 30 })).rejects.toMatchObject({ code: 'ERR_ARCHIVE_LIMIT' })
      const minFreeBytes = free.bavail * free.bsize - (1 << 30)
      await expect(extract({ minFreeBytes })).rejects.toMatchObject({ code: 'ERR_ARCHIVE_DISK_LOW' })
      expect(statSync(join(place.root, 'zeros'), { throwIfNoEntry: false })?.size ?? 0).toBeLessThan(1 << 30)
      place.check()
    },
  )

  test('an entry that layers do not have', async () => {
    await expect(extractLayer([rawTar({ type: 'M' })], makePlace().root)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_UNSUPPORTED' })
  })
})
