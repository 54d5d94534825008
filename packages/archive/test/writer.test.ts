import { once } from 'node:events'
import { createSpecialFiles } from '@podwright/linux'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { extract as tarStreamExtract } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import { createTarWriter, listLayer, packEntries, packTree, type TarEntryInit } from '../src/index.ts'
import { collect, readAll, text } from './fixtures/collect.ts'
import { temporaryDirectory } from './fixtures/directories.ts'

const refused = { code: 'ERR_ARCHIVE_ENTRY' }

describe('headers', () => {
  test.each<[string, TarEntryInit]>([
    ['a plain file', { name: 'f', mode: 0o4755, uid: 1, gid: 2, userName: 'u', groupName: 'g', modified: 3_000_000_000n }],
    ['a name of 100 bytes', { name: 'x'.repeat(100) }],
    ['a name of 101 bytes', { name: 'x'.repeat(101) }],
    ['a name for the prefix', { name: `${'a'.repeat(155)}/${'b'.repeat(100)}` }],
    ['a name that is one byte too long for it', { name: `${'a'.repeat(156)}/${'b'.repeat(100)}` }],
    ['a directory for the prefix', { name: `${'a'.repeat(100)}/${'b'.repeat(90)}/`, type: 'directory' }],
    ['a directory whose only slash is the last', { name: `${'a'.repeat(150)}/`, type: 'directory' }],
    ['a name of many bytes', { name: Buffer.alloc(5000, 0xe4) }],
    ['a long target', { name: 'l', type: 'symlink', linkName: 't'.repeat(101) }],
    ['large ids', { name: 'f', uid: 4_000_000_000, gid: 2_097_152 }],
    ['long owners', { name: 'f', userName: 'u'.repeat(40), groupName: Buffer.alloc(40, 0xff) }],
    ['nanoseconds', { name: 'f', modified: 1_234_567_890_000_000_001n }],
    ['half a second before 1970', { name: 'f', modified: -500_000_000n }],
    ['the year 3000', { name: 'f', modified: 32_503_680_000_000_000_000n }],
    ['a device', { name: 'd', type: 'block', major: 259, minor: 1_048_575 }],
    ['attributes', { name: 'f', xattrs: [{ name: Buffer.from('user.a\xff', 'latin1'), value: Buffer.from([0, 10, 61, 255]) }] }],
    ['records whose length has just one more digit', { name: 'x'.repeat(989) }],
  ])('%s', async (_, entry) => {
    const [read] = await readAll([createTarWriter().add(entry).finish()])
    const { name, linkName = '', userName = '', groupName = '', xattrs = [], ...others } = entry
    expect(read).toMatchObject(others)
    for (const [written, seen] of [
      [name, read!.name],
      [linkName, read!.linkName],
      [userName, read!.userName],
      [groupName, read!.groupName],
    ] as const) {
      expect(text(seen)).toBe(text(Buffer.from(written as string)))
    }
    expect(read!.xattrs.map((xattr) => [text(xattr.name), text(xattr.value)])).toEqual(
      xattrs.map((xattr) => [text(xattr.name), text(xattr.value)]),
    )
  })

  test.each<[string, TarEntryInit, string?]>([
    ['an empty name', { name: '' }],
    ['a name with a NUL', { name: 'a\0b' }],
    ['a negative id', { name: 'f', uid: -1 }],
    ['a mode with type bits', { name: 'f', mode: 0o100644 }],
    ['a device number without bounds', { name: 'd', type: 'block', major: 2 ** 40 }],
    ['an attribute with an equals sign', { name: 'f', xattrs: [{ name: Buffer.from('user.a=b'), value: Buffer.from('') }] }],
    ['a directory with content', { name: 'd', type: 'directory' }, 'content'],
  ])('refuses %s', (_, entry, content = '') => {
    expect(() => createTarWriter().add(entry, content)).toThrow(expect.objectContaining(refused))
  })

  test('tar-stream reads what we write', async () => {
    const names = ['short', 'n\u00e4me', `${'a'.repeat(120)}/${'b'.repeat(90)}`, 'x'.repeat(300)]
    const writer = createTarWriter()
    for (const name of names) writer.add({ name, modified: 1_500_000_000n }, `content of ${name}`)
    const seen: string[] = []
    const parser = tarStreamExtract()
    Readable.from([writer.finish()]).pipe(parser)
    for await (const entry of parser) {
      seen.push(entry.header.name)
      expect((await collect(entry as AsyncIterable<Uint8Array>)).toString()).toBe(`content of ${entry.header.name}`)
    }
    expect(seen).toEqual(names)
  })
})

describe('packing entries', () => {
  test('content in pieces', async () => {
    const chunks = [Buffer.from('abc'), Buffer.alloc(0), Buffer.from('def')]
    const tar = await collect(
      packEntries([
        { name: 'a', content: { sizeBytes: 6, chunks } },
        { name: 'b', content: 'text' },
        { name: 'c/', type: 'directory' },
      ]),
    )
    const same = createTarWriter().add({ name: 'a' }, 'abcdef').add({ name: 'b' }, 'text').add({ name: 'c', type: 'directory' }).finish()
    expect(tar.equals(same)).toBe(true)
  })

  test.each([5, 7])('content of another size than the %i bytes that were said', async (sizeBytes) => {
    await expect(collect(packEntries([{ name: 'a', content: { sizeBytes, chunks: [Buffer.from('abcdef')] } }]))).rejects.toMatchObject(
      refused,
    )
  })
})

describe('packing trees', () => {
  test('sorted by bytes, the same each time, without what the filter leaves out and without sockets', async () => {
    const tree = temporaryDirectory()
    for (const directory of ['b', 'a/c', 'a-b', 'skip']) mkdirSync(join(tree, directory), { recursive: true })
    for (const file of ['b/1', 'a/c/2', 'a.txt', 'skip/3']) writeFileSync(join(tree, file), file)
    symlinkSync('b', join(tree, 'B'))
    const server = createServer().listen(join(tree, 'socket'))
    await once(server, 'listening')
    const options = { latestModified: 1_000_000_000n, mapOwner: () => [0, 0] as const, filter: (path: Uint8Array) => text(path) !== 'skip' }
    const tar = await collect(packTree(tree, options))
    server.close()
    const entries = await readAll([tar])
    expect(entries.map(({ name }) => text(name))).toEqual(['./', 'B', 'a/', 'a/c/', 'a/c/2', 'a-b/', 'a.txt', 'b/', 'b/1'])
    expect(entries.every(({ modified, uid }) => modified === 1_000_000_000n && uid === 0)).toBe(true)
  })

  test('a file that shrinks meanwhile', async () => {
    const tree = temporaryDirectory()
    writeFileSync(join(tree, 'a'), Buffer.alloc(1 << 20))
    writeFileSync(join(tree, 'b'), Buffer.alloc(1 << 20))
    const pack = packTree(tree)
    await pack[Symbol.asyncIterator]().next()
    truncateSync(join(tree, 'a'), 0)
    await expect(collect(pack)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_READ', retryable: true })
  })

  test('a tree that is not there', async () => {
    await expect(collect(packTree(join(temporaryDirectory(), 'none')))).rejects.toMatchObject({ code: 'ERR_ARCHIVE_READ' })
  })

  test('for a layer of overlay, a name that would be a whiteout', async () => {
    const tree = temporaryDirectory()
    writeFileSync(join(tree, '.wh.x'), '')
    const special = createSpecialFiles()
    await expect(collect(packTree(tree, { special, whiteouts: 'overlay' }))).rejects.toMatchObject(refused)
    await expect(collect(packTree(tree, { whiteouts: 'overlay' }))).rejects.toMatchObject({ code: 'ERR_ARCHIVE_SPECIAL_FILES' })
  })
})

test('listing tells paths and whiteouts', async () => {
  const tar = createTarWriter()
    .add({ name: './', type: 'directory' })
    .add({ name: '/etc//x' })
    .add({ name: 'a/.wh.b' })
    .add({ name: '../out' })
    .finish()
  const seen: [string | undefined, string | undefined][] = []
  for await (const { path, whiteout } of listLayer([tar])) seen.push([path && text(path), whiteout?.type])
  expect(seen).toEqual([
    ['', undefined],
    ['etc/x', undefined],
    ['a/.wh.b', 'whiteout'],
    [undefined, undefined],
  ])
})
