import { createSpecialFiles } from '@podwright/linux'
import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTarWriter, extractLayer, isWhiteout, packTree, parseWhiteout, type TarEntryInit } from '../src/index.ts'
import { collect, readAll, text } from './fixtures/collect.ts'
import { needsRoot, run, temporaryDirectory } from './fixtures/directories.ts'

const special = createSpecialFiles()

/** An entry by its name: a slash at the end makes a directory, `a -> b` a symbolic link. */
function layer(...names: readonly string[]): Uint8Array {
  const writer = createTarWriter()
  for (const name of names) {
    const [path, linkName] = name.split(' -> ')
    const type: TarEntryInit['type'] = linkName === undefined ? (name.endsWith('/') ? 'directory' : 'file') : 'symlink'
    writer.add({ name: path!, type, linkName }, type === 'file' && !name.includes('.wh.') ? name : '')
  }
  return writer.finish()
}

/** Names in a tree, directories with a slash, sorted. */
function namesIn(directory: string): string[] {
  const lines = run('find', [directory, '-mindepth', '1', '(', '-type', 'd', '-printf', '%P/\\n', '-o', '-printf', '%P\\n', ')']).toString()
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .toSorted()
}

test.each([
  ['.wh.name', { type: 'whiteout', name: Buffer.from('name') }],
  ['.wh..wh..opq', { type: 'opaque' }],
  ['.wh..wh.plnk', { type: 'metadata' }],
  ['.wh', undefined],
  ['x.wh.name', undefined],
])('%s', (name, expected) => {
  expect(parseWhiteout(Buffer.from(name))).toEqual(expected)
  expect(isWhiteout(Buffer.from(name))).toBe(expected !== undefined)
})

const below = ['a/', 'a/1', 'a/2', 'a/sub/', 'a/sub/x', 'b/', 'b/1', 'f', 'g', 'l -> a']

/** What is left of `below` under each layer, as image-spec v1.1 has it; the order of entries must not matter where `anyOrder` says so. */
const cases: readonly (readonly [what: string, above: readonly string[], expected: readonly string[]])[] = [
  ['a file', ['.wh.f'], ['a/', 'a/1', 'a/2', 'a/sub/', 'a/sub/x', 'b/', 'b/1', 'g', 'l']],
  ['a directory', ['.wh.a'], ['b/', 'b/1', 'f', 'g', 'l']],
  ['a link', ['.wh.l'], ['a/', 'a/1', 'a/2', 'a/sub/', 'a/sub/x', 'b/', 'b/1', 'f', 'g']],
  ['what is not there', ['.wh.none', 'b/', 'b/.wh.none'], ['a/', 'a/1', 'a/2', 'a/sub/', 'a/sub/x', 'b/', 'b/1', 'f', 'g', 'l']],
  ['in a directory', ['a/', 'a/.wh.sub', 'a/.wh.1'], ['a/', 'a/2', 'b/', 'b/1', 'f', 'g', 'l']],
  ['a file that the layer has, too', ['.wh.f', 'f'], ['a/', 'a/1', 'a/2', 'a/sub/', 'a/sub/x', 'b/', 'b/1', 'f', 'g', 'l']],
  ['a file that the layer had before', ['f', '.wh.f'], ['a/', 'a/1', 'a/2', 'a/sub/', 'a/sub/x', 'b/', 'b/1', 'f', 'g', 'l']],
  ['a directory that the layer has, too', ['.wh.a', 'a/', 'a/new'], ['a/', 'a/new', 'b/', 'b/1', 'f', 'g', 'l']],
  ['a directory that the layer had before', ['a/', 'a/new', '.wh.a'], ['a/', 'a/new', 'b/', 'b/1', 'f', 'g', 'l']],
  ['a directory that the layer implies', ['.wh.a', 'a/new'], ['a/', 'a/new', 'b/', 'b/1', 'f', 'g', 'l']],
  [
    'a file that becomes a directory',
    ['.wh.f', 'f/', 'f/x'],
    ['a/', 'a/1', 'a/2', 'a/sub/', 'a/sub/x', 'b/', 'b/1', 'f/', 'f/x', 'g', 'l'],
  ],
  ['a directory that becomes a file', ['.wh.a', 'a'], ['a', 'b/', 'b/1', 'f', 'g', 'l']],
  ['opaque', ['a/', 'a/.wh..wh..opq', 'a/new'], ['a/', 'a/new', 'b/', 'b/1', 'f', 'g', 'l']],
  [
    'opaque, at the end',
    ['a/', 'a/new', 'a/sub/', 'a/sub/y', 'a/.wh..wh..opq'],
    ['a/', 'a/new', 'a/sub/', 'a/sub/y', 'b/', 'b/1', 'f', 'g', 'l'],
  ],
  ['opaque, in a directory that is only implied', ['a/sub/.wh..wh..opq'], ['a/', 'a/1', 'a/2', 'a/sub/', 'b/', 'b/1', 'f', 'g', 'l']],
  [
    'bookkeeping of AUFS',
    ['.wh..wh.aufs', '.wh..wh.plnk/', '.wh..wh.plnk/1.2'],
    ['a/', 'a/1', 'a/2', 'a/sub/', 'a/sub/x', 'b/', 'b/1', 'f', 'g', 'l'],
  ],
]

describe('applied to a tree', () => {
  test.each(cases)('%s', async (_, above, expected) => {
    const tree = temporaryDirectory()
    await extractLayer([layer(...below)], tree, { special })
    await extractLayer([layer(...above)], tree, { special })
    expect(namesIn(tree)).toEqual(expected)
  })

  test('the root made opaque', async () => {
    const tree = temporaryDirectory()
    await extractLayer([layer(...below)], tree, { special })
    const result = await extractLayer([layer('a/', 'a/new', '.wh..wh..opq')], tree, { special })
    expect(namesIn(tree)).toEqual(['a/', 'a/new'])
    expect(result).toMatchObject({ whiteouts: 1, rootOpaque: true })
  })

  test('a hard link to a file of the layers below keeps it, and its name can still go', async () => {
    const tree = temporaryDirectory()
    await extractLayer([layer(...below)], tree, { special })
    const writer = createTarWriter().add({ name: 'moved', type: 'hardlink', linkName: 'a/1' }).add({ name: '.wh.a' })
    await extractLayer([writer.finish()], tree, { special })
    expect(namesIn(tree)).toEqual(['b/', 'b/1', 'f', 'g', 'l', 'moved'])
  })
})

test('kept, they are files', async () => {
  const tree = temporaryDirectory()
  await extractLayer([layer('a/', 'a/.wh.x', 'a/.wh..wh..opq')], tree, { special, whiteouts: 'keep' })
  expect(namesIn(tree)).toEqual(['a/', 'a/.wh..wh..opq', 'a/.wh.x'])
})

test('for overlay, without the component', async () => {
  const extraction = extractLayer([layer('.wh.x')], temporaryDirectory(), { whiteouts: 'overlay' })
  await expect(extraction).rejects.toMatchObject({ code: 'ERR_ARCHIVE_SPECIAL_FILES' })
})

/** Mounts the second directory over the first; overlay on overlay or tmpfs may not work, so the upper is a lower, too. */
function mountOverlay(lower: string, upper: string, options: string): string {
  const merged = temporaryDirectory()
  run('mount', ['-t', 'overlay', '-o', `lowerdir=${upper}:${lower}${options}`, 'none', merged])
  onTestFinished(() => void run('umount', ['-l', merged]))
  return merged
}

describe.skipIf(needsRoot)('for overlay, as the kernel sees them', () => {
  describe.each([
    ['trusted', ''],
    ['user', ',userxattr'],
  ] as const)('%s attributes', (overlayXattrs, mountOptions) => {
    test.each(cases)('%s', async (_, above, expected) => {
      const [lower, upper] = [temporaryDirectory(), temporaryDirectory()]
      await extractLayer([layer(...below)], lower, { special, whiteouts: 'overlay', overlayXattrs })
      await extractLayer([layer(...above)], upper, { special, whiteouts: 'overlay', overlayXattrs })
      expect(namesIn(mountOverlay(lower, upper, mountOptions))).toEqual(expected)
    })
  })

  test('the root made opaque is told, since overlayfs has no place for it', async () => {
    const result = await extractLayer([layer('.wh..wh..opq')], temporaryDirectory(), { special, whiteouts: 'overlay' })
    expect(result.rootOpaque).toBe(true)
  })

  test('a device 0/0 in the archive hides nothing', async () => {
    const tree = temporaryDirectory()
    const tar = createTarWriter().add({ name: 'f', type: 'character' }).finish()
    expect((await extractLayer([tar], tree, { special, whiteouts: 'overlay' })).skipped).toMatchObject([
      { what: 'device', reason: 'reserved' },
    ])
    expect(lstatSync(join(tree, 'f'), { throwIfNoEntry: false })).toBeUndefined()
  })

  test('no hard link makes a whiteout of something else', async () => {
    const tar = createTarWriter().add({ name: '.wh.x' }).add({ name: 'etc', type: 'hardlink', linkName: 'x' }).finish()
    const extraction = extractLayer([tar], temporaryDirectory(), { special, whiteouts: 'overlay' })
    await expect(extraction).rejects.toMatchObject({ code: 'ERR_ARCHIVE_LINK_TARGET' })
  })

  test('packed, the marks of an upper directory are whiteouts again', async () => {
    const upper = temporaryDirectory()
    const names = ['.wh.f', 'a/', 'a/.wh..wh..opq', 'a/.wh.1', 'a/new']
    await extractLayer([layer(...names)], upper, { special, whiteouts: 'overlay' })
    const entries = await readAll(packTree(upper, { special, whiteouts: 'overlay', includeRoot: false }))
    expect(entries.map(({ name, type, xattrs }) => [text(name), type, xattrs.length])).toEqual([
      // Whiteouts come before their siblings, as the image specification recommends.
      ['.wh.f', 'file', 0],
      ['a/', 'directory', 0],
      ['a/.wh..wh..opq', 'file', 0],
      ['a/.wh.1', 'file', 0],
      ['a/new', 'file', 0],
    ])
  })

  test('what the kernel itself writes to an upper directory', async () => {
    const [lower, upper, merged] = [temporaryDirectory(), temporaryDirectory(), temporaryDirectory()]
    await extractLayer([layer(...below)], lower, { special })
    mkdirSync(join(upper, 'upper'))
    mkdirSync(join(upper, 'work'))
    run('mount', ['-t', 'overlay', '-o', `lowerdir=${lower},upperdir=${upper}/upper,workdir=${upper}/work`, 'none', merged])
    run('sh', ['-c', 'rm f; rm -r a; mkdir a; echo 1 > a/new; rm b/1; ln g h'], { cwd: merged })
    run('umount', [merged])
    const diff = await collect(packTree(join(upper, 'upper'), { special, whiteouts: 'overlay' }))
    const applied = temporaryDirectory()
    await extractLayer([layer(...below)], applied, { special })
    await extractLayer([diff], applied, { special })
    expect(namesIn(applied)).toEqual(['a/', 'a/new', 'b/', 'g', 'h', 'l'])
  })
})
