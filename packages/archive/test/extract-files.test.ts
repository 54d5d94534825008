import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSpecialFiles } from '@podwright/linux'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createTarWriter, extractFiles, type ExtractFilesOptions, packTree, readTar, type TarEntryInit } from '../src/index.ts'
import { temporaryDirectory } from './fixtures/directories.ts'

const tarOf = (...entries: readonly (TarEntryInit & { readonly content?: string })[]): Uint8Array => {
  const writer = createTarWriter()
  for (const { content, ...entry } of entries) writer.add(entry, content)
  return writer.finish()
}
const put = (directory: string, tar: Uint8Array, options: ExtractFilesOptions = {}): ReturnType<typeof extractFiles> =>
  extractFiles([tar], directory, { special: createSpecialFiles(), owners: 'caller', ...options })

test('files are replaced, others stay, and directories that were there keep their mode but show the change in their time', async () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'd'))
  chmodSync(join(directory, 'd'), 0o711)
  for (const name of ['d/old', 'd/other']) writeFileSync(join(directory, name), name)
  utimesSync(join(directory, 'd'), 1, 1)
  const tar = tarOf(
    { name: 'd', type: 'directory', mode: 0o700, modified: 5_000_000_000n },
    { name: 'd/old', content: 'new', mode: 0o4755 },
  )
  expect(await put(directory, tar)).toMatchObject({ entries: 2, sizeBytes: 3, skippedCount: 0, tarBytes: tar.length })
  expect(readFileSync(join(directory, 'd/old'), 'utf8')).toBe('new')
  expect(readFileSync(join(directory, 'd/other'), 'utf8')).toBe('d/other')
  expect(statSync(join(directory, 'd/old')).mode & 0o7777).toBe(0o755)
  expect(statSync(join(directory, 'd')).mode & 0o7777).toBe(0o711)
  expect(statSync(join(directory, 'd')).mtimeMs).toBeGreaterThan(1_000_000)
  await put(directory, tar, { existingDirectories: 'become' })
  expect(statSync(join(directory, 'd'))).toMatchObject({ mtimeMs: 5000 })
  expect(statSync(join(directory, 'd')).mode & 0o7777).toBe(0o700)
})

test('a directory does not take a file’s place, nor a file a directory’s, unless it may', async () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'd/full'), { recursive: true })
  writeFileSync(join(directory, 'f'), 'f')
  const onFile = tarOf({ name: 'f', type: 'directory' }, { name: 'f/x', content: 'x' })
  const onDirectory = tarOf({ name: 'd', content: 'd' })
  for (const tar of [onFile, onDirectory, tarOf({ name: 'd', type: 'symlink', linkName: 'f' })]) {
    await expect(put(directory, tar)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_CONFLICT' })
  }
  expect(existsSync(join(directory, 'd/full'))).toBe(true)
  await put(directory, onFile, { conflicts: 'replace' })
  await put(directory, onDirectory, { conflicts: 'replace' })
  expect(readFileSync(join(directory, 'f/x'), 'utf8')).toBe('x')
  expect(readFileSync(join(directory, 'd'), 'utf8')).toBe('d')
})

test('below: names begin there, links lead as far as the root, and nothing leads out', async () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'srv'))
  mkdirSync(join(directory, 'run'))
  symlinkSync('/run', join(directory, 'srv/run'))
  symlinkSync('../../../../..', join(directory, 'srv/up'))
  const tar = tarOf(
    { name: './', type: 'directory' },
    { name: 'run/pid', content: '1' },
    { name: 'up/top', content: 't' },
    { name: 'one', content: 'o' },
    { name: 'two', type: 'hardlink', linkName: 'one' },
  )
  await put(directory, tar, { below: 'srv', symlinkedParents: 'follow' })
  expect(readFileSync(join(directory, 'run/pid'), 'utf8')).toBe('1')
  expect(readFileSync(join(directory, 'top'), 'utf8')).toBe('t')
  expect(lstatSync(join(directory, 'srv/two')).ino).toBe(lstatSync(join(directory, 'srv/one')).ino)
  expect(existsSync(join(directory, 'one'))).toBe(false)
  for (const bad of [tarOf({ name: '../out', content: 'x' }), tarOf({ name: 'l', type: 'hardlink', linkName: '../run/pid' })]) {
    await expect(put(directory, bad, { below: 'srv', symlinkedParents: 'follow' })).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_UNSAFE_PATH',
    })
  }
})

test('names that whiteouts have are names', async () => {
  const directory = temporaryDirectory()
  await put(directory, tarOf({ name: '.wh.x', content: 'w' }))
  expect(readFileSync(join(directory, '.wh.x'), 'utf8')).toBe('w')
})

test('packTree gives the root the name that is asked for: of a file, a link, a directory with linked files', async () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'd'))
  await put(join(directory, 'd'), tarOf({ name: 'a', content: 'A' }, { name: 'b', type: 'hardlink', linkName: 'a' }))
  symlinkSync('d', join(directory, 'l'))
  const names = async (path: string, name?: string): Promise<string[]> => {
    const found: string[] = []
    for await (const { name: entry, linkName } of readTar(packTree(join(directory, path), { name, transient: true })))
      found.push(`${Buffer.from(entry)}${linkName.length > 0 ? ` ${Buffer.from(linkName)}` : ''}`)
    return found
  }
  expect(await names('d', 'new/name')).toEqual(['new/name/', 'new/name/a', 'new/name/b new/name/a'])
  expect(await names('d', '.')).toEqual(['./', 'a', 'b a'])
  expect(await names('d')).toEqual(['./', 'a', 'b a'])
  expect(await names('d/a', 'file')).toEqual(['file'])
  expect(await names('l', 'link')).toEqual(['link d'])
  expect(readlinkSync(join(directory, 'l'))).toBe('d')
})

test('what may not be taken away is told by its own name', async ({ skip }) => {
  skip(process.geteuid?.() !== 0, 'needs root')
  const directory = temporaryDirectory()
  await put(directory, tarOf({ name: 'kept', content: 'k' }))
  try {
    execFileSync('chattr', ['+i', join(directory, 'kept')])
  } catch {
    skip('needs a file system with immutable files')
  }
  try {
    await expect(put(directory, tarOf({ name: 'kept', content: 'new' }))).rejects.toThrow(/EPERM/)
  } finally {
    execFileSync('chattr', ['-i', join(directory, 'kept')])
  }
})

test.each(['none', 'auto'] as const)(
  'pieces of one buffer, good until the next one is asked for, come out right whatever their size (%s)',
  async (compression) => {
    const directory = temporaryDirectory()
    const content = randomBytes(300_000)
    const tar = tarOf({ name: 'f', content: content.toString('latin1') })
    const shared = Buffer.alloc(1 << 20)
    const sizes = [3, 4096, 20_000, 512, 1, 100_000, 4096, 4096]
    function* pieces(): Generator<Uint8Array> {
      for (let [position, turn] = [0, 0]; position < tar.length; turn++) {
        const piece = tar.subarray(position, position + sizes[turn % sizes.length]!)
        shared.fill(0xff)
        shared.set(piece)
        position += piece.length
        yield shared.subarray(0, piece.length)
      }
    }
    await extractFiles(pieces(), directory, { special: createSpecialFiles(), owners: 'caller', compression })
    expect(readFileSync(join(directory, 'f'), 'utf8')).toBe(content.toString('latin1'))
  },
)
