import { createSpecialFiles } from '@podwright/linux'
import * as fc from 'fast-check'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  diffTrees,
  type DiffTreesOptions,
  diffUpper,
  extractLayer,
  packTree,
  type SkippedItem,
  treeChanges,
  type TreeChange,
  upperChanges,
} from '../src/index.ts'
import { cases, timeoutFor } from './fixtures/cases.ts'
import { collect, readAll, text } from './fixtures/collect.ts'
import { needsRoot, run, temporaryDirectory } from './fixtures/directories.ts'
import { applyOperations, type TreeOperation, treeOperations } from './fixtures/tree-operations.ts'
import { describeTree } from './fixtures/tree.ts'

const special = createSpecialFiles()

/** Two trees that are the same, with a few things in them. */
function twoTrees(): { lower: string; upper: string } {
  const place = temporaryDirectory()
  const [lower, upper] = [join(place, 'lower'), join(place, 'upper')]
  mkdirSync(join(lower, 'etc/ssl'), { recursive: true })
  mkdirSync(join(lower, 'var'))
  for (const name of ['etc/passwd', 'etc/motd', 'etc/ssl/key', 'var/a', 'top']) writeFileSync(join(lower, name), name)
  symlinkSync('passwd', join(lower, 'etc/link'))
  linkSync(join(lower, 'var/a'), join(lower, 'var/b'))
  run('cp', ['-a', lower, upper])
  return { lower, upper }
}

async function namesOf(lower: string, upper: string, options: DiffTreesOptions = {}): Promise<string[]> {
  const entries = await readAll(diffTrees(lower, upper, { special, ...options }))
  return entries.map(({ name, type, linkName }) => `${text(name)}${type === 'hardlink' ? ` = ${text(linkName)}` : ''}`)
}

async function listed(changes: AsyncIterable<TreeChange>): Promise<string[]> {
  const lines: string[] = []
  for await (const { kind, path } of changes) lines.push(`${kind} ${text(path)}`)
  return lines
}

describe('two trees on disk', () => {
  test('that are the same have no difference, and an empty layer', async () => {
    const { lower, upper } = twoTrees()
    expect(await namesOf(lower, upper)).toEqual([])
    expect((await collect(diffTrees(lower, upper, { special }))).length).toBe(1024)
    expect(await namesOf(lower, lower)).toEqual([])
  })

  test('added, changed, removed', async () => {
    const { lower, upper } = twoTrees()
    writeFileSync(join(upper, 'etc/ssl/new'), 'n')
    writeFileSync(join(upper, 'etc/motd'), 'longer than before')
    rmSync(join(upper, 'etc/passwd'))
    rmSync(join(upper, 'top'))
    expect(await namesOf(lower, upper)).toEqual(['./', '.wh.top', 'etc/', 'etc/.wh.passwd', 'etc/motd', 'etc/ssl/', 'etc/ssl/new'])
    expect(await namesOf(lower, upper, { includeRoot: false })).not.toContain('./')
    expect(await listed(treeChanges(lower, upper))).toEqual(['D top', 'C etc', 'D etc/passwd', 'C etc/motd', 'C etc/ssl', 'A etc/ssl/new'])
  })

  test('metadata alone: mode, time to the nanosecond, attribute', async () => {
    const { lower, upper } = twoTrees()
    chmodSync(join(upper, 'top'), 0o4755)
    special.setXattr(Buffer.from(join(upper, 'var/a')), Buffer.from('user.x'), Buffer.from([0xff]))
    special.setTimes(Buffer.from(join(lower, 'etc/motd')), 1_000_000_000_000_000_000n)
    special.setTimes(Buffer.from(join(upper, 'etc/motd')), 1_000_000_000_000_000_001n)
    expect(await namesOf(lower, upper)).toEqual(['./', 'etc/', 'etc/motd', 'top', 'var/', 'var/a', 'var/b = var/a'])
  })

  test('a directory in the place of a file, and the other way round', async () => {
    const { lower, upper } = twoTrees()
    rmSync(join(upper, 'top'))
    mkdirSync(join(upper, 'top'))
    writeFileSync(join(upper, 'top/x'), '')
    rmSync(join(upper, 'etc/ssl'), { recursive: true })
    writeFileSync(join(upper, 'etc/ssl'), '')
    expect(await namesOf(lower, upper)).toEqual(['./', 'etc/', 'etc/ssl', 'top/', 'top/.wh..wh..opq', 'top/x'])
  })

  test('a new name of a file that is the same brings all its names', async () => {
    const { lower, upper } = twoTrees()
    linkSync(join(upper, 'etc/motd'), join(upper, 'var/motd'))
    expect(await namesOf(lower, upper)).toEqual(['./', 'var/', 'var/motd', 'etc/', 'etc/motd = var/motd'])
  })

  test('names that are no longer one file', async () => {
    const { lower, upper } = twoTrees()
    run('sh', ['-c', 'cp -p b c && mv c b && touch -r ../../lower/var .'], { cwd: join(upper, 'var') })
    expect(await namesOf(lower, upper)).toEqual(['./', 'var/', 'var/b'])
  })

  test('contents, where times say nothing', async () => {
    const { lower, upper } = twoTrees()
    writeFileSync(join(upper, 'top'), 'TOP')
    for (const tree of [lower, upper]) for (const name of ['top', 'etc/motd']) utimesSync(join(tree, name), 1, 1)
    expect(await namesOf(lower, upper)).toEqual([])
    expect(await namesOf(lower, upper, { compare: 'metadata-and-contents' })).toEqual(['./', 'top'])
    utimesSync(join(upper, 'etc/motd'), 2, 2)
    expect(await namesOf(lower, upper, { compare: 'metadata-and-contents' })).toEqual(['./', 'etc/', 'etc/motd', 'top'])
    expect(await namesOf(lower, upper, { compare: 'contents' })).toEqual(['./', 'top'])
  })

  test('what the filter leaves out is in neither', async () => {
    const { lower, upper } = twoTrees()
    rmSync(join(upper, 'var'), { recursive: true })
    rmSync(join(upper, 'etc/ssl'), { recursive: true })
    const filter = (path: Uint8Array): boolean => text(path) !== 'var'
    expect(await namesOf(lower, upper, { filter })).toEqual(['./', 'etc/', 'etc/.wh.ssl'])
  })

  test('a socket is reported, and takes away what was in its place', async () => {
    const { lower, upper } = twoTrees()
    unlinkSync(join(upper, 'top'))
    const server = createServer().listen(join(upper, 'top'))
    await once(server, 'listening')
    const skipped: SkippedItem[] = []
    expect(await namesOf(lower, upper, { onSkipped: (item) => skipped.push(item) })).toEqual(['./', '.wh.top'])
    expect(skipped).toEqual([{ name: Buffer.from('top'), what: 'socket', detail: '', reason: 'no place' }])
    server.close()
  })

  test('a name that means a whiteout', async () => {
    const { lower, upper } = twoTrees()
    writeFileSync(join(upper, '.wh.x'), '')
    await expect(namesOf(lower, upper)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_ENTRY' })
  })

  test('a tree that is not there', async () => {
    const { upper } = twoTrees()
    await expect(namesOf('/nowhere', upper)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_READ' })
  })

  test('an abort', async () => {
    const { lower, upper } = twoTrees()
    writeFileSync(join(upper, 'x'), '')
    await expect(namesOf(lower, upper, { signal: AbortSignal.abort('enough') })).rejects.toBe('enough')
  })

  test('files that go or shrink meanwhile', async () => {
    const { upper } = twoTrees()
    writeFileSync(join(upper, 'a'), Buffer.alloc(1 << 19, 'a'))
    writeFileSync(join(upper, 'b'), 'b')
    linkSync(join(upper, 'b'), join(upper, 'c'))
    const skipped: string[] = []
    const onSkipped = (item: SkippedItem): void => void skipped.push(`${text(item.name)} ${item.reason}`)
    const pieces = packTree(upper, { changing: 'take', onSkipped })
    const first = Buffer.from((await pieces.next()).value ?? [])
    truncateSync(join(upper, 'a'), 5)
    rmSync(join(upper, 'b'))
    const entries = await readAll([first, await collect(pieces)])
    expect(entries.find(({ name }) => text(name) === 'a')?.sizeBytes).toBe(1 << 19)
    expect(entries.find(({ name }) => text(name) === 'c')).toMatchObject({ type: 'file', bytes: Buffer.from('b') })
    expect(skipped).toEqual(['a shorter', 'b ENOENT'])
  })
})

const runs = cases(25)

describe.skipIf(needsRoot)('whatever is done to a tree', () => {
  test('its difference makes the one the other, the same each time', { timeout: timeoutFor(runs) }, async () => {
    await fc.assert(
      fc.asyncProperty(treeOperations(25), treeOperations(12), async (before, after) => {
        const place = temporaryDirectory()
        const [lower, upper, copy] = [join(place, 'lower'), join(place, 'upper'), join(place, 'copy')]
        mkdirSync(lower)
        applyOperations(lower, before)
        run('cp', ['-a', lower, upper])
        applyOperations(upper, after)
        run('cp', ['-a', lower, copy])
        const layer = await collect(diffTrees(lower, upper, { special }))
        await extractLayer([layer], copy, { special })
        expect(describeTree(copy)).toEqual(describeTree(upper))
        expect((await collect(diffTrees(lower, upper, { special }))).equals(layer)).toBe(true)
        expect(await listed(treeChanges(copy, upper, { special }))).toEqual([])
        rmSync(place, { recursive: true })
      }),
      { numRuns: runs },
    )
  })

  test('an upper directory that the kernel wrote makes the one the other', { timeout: timeoutFor(runs) }, async () => {
    await fc.assert(
      fc.asyncProperty(treeOperations(25), treeOperations(12), async (before, after) => {
        const place = temporaryDirectory()
        const { lower, upper, merged, changes } = await throughOverlay(place, before, after)
        const copy = join(place, 'copy')
        run('cp', ['-a', lower, copy])
        await extractLayer([await collect(diffUpper(upper, { special }))], copy, { special })
        expect(describeTree(copy)).toEqual(merged)
        expect(changes.map((change) => change.slice(2))).toEqual([...new Set(changes.map((change) => change.slice(2)))])
        rmSync(place, { recursive: true })
      }),
      { numRuns: runs },
    )
  })
})

/** Does `after` to an overlay upon a tree that `before` made. */
async function throughOverlay(
  place: string,
  before: readonly TreeOperation[],
  after: readonly TreeOperation[],
): Promise<{ lower: string; upper: string; merged: string[]; changes: string[] }> {
  const [lower, upper, work, mountPoint] = ['lower', 'upper', 'work', 'merged'].map((name) => join(place, name)) as [
    string,
    string,
    string,
    string,
  ]
  for (const directory of [lower, upper, work, mountPoint]) mkdirSync(directory)
  applyOperations(lower, before)
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work},redirect_dir=off,metacopy=off,index=off`
  run('mount', ['-t', 'overlay', '-o', options, 'none', mountPoint])
  try {
    applyOperations(mountPoint, after)
    const merged = describeTree(mountPoint)
    const changes = await listed(upperChanges(upper, [lower], { special }))
    // Each name that is deleted was there and is gone; each that is added was not.
    const seen = new Map(merged.map((line) => [line.slice(2).split(' ')[0], line]))
    for (const change of changes) expect(seen.has(change.slice(2))).toBe(!change.startsWith('D'))
    return { lower, upper, merged, changes }
  } finally {
    run('umount', [mountPoint])
  }
}

describe.skipIf(needsRoot)('the upper directory of an overlay', () => {
  test('is told as docker does, with what an opaque directory hides', async () => {
    const { lower } = twoTrees()
    const place = temporaryDirectory()
    const [upper, work, merged] = ['upper', 'work', 'merged'].map((name) => join(place, name)) as [string, string, string]
    for (const directory of [upper, work, merged]) mkdirSync(directory)
    run('mount', ['-t', 'overlay', '-o', `lowerdir=${lower},upperdir=${upper},workdir=${work}`, 'none', merged])
    run('sh', ['-c', 'rm -r etc; mkdir -p etc/ssl; echo > etc/new; rm top; echo x >> var/a; mkdir -p new/dir'], { cwd: merged })
    run('umount', [merged])
    const expected = [
      'D top',
      'C etc',
      'D etc/link',
      'D etc/motd',
      'D etc/passwd',
      'A etc/new',
      'C etc/ssl',
      'A new',
      'A new/dir',
      'C var',
      'C var/a',
    ]
    expect(await listed(upperChanges(upper, [lower], { special }))).toEqual(expected)
  })

  test('with a directory that was renamed by reference, or a file without its content, is refused', async () => {
    const { lower } = twoTrees()
    const place = temporaryDirectory()
    const [upper, work, merged] = ['upper', 'work', 'merged'].map((name) => join(place, name)) as [string, string, string]
    for (const directory of [upper, work, merged]) mkdirSync(directory)
    const refused = { code: 'ERR_ARCHIVE_OVERLAY', hint: expect.stringContaining('redirect_dir=off') }
    run('mount', ['-t', 'overlay', '-o', `lowerdir=${lower},upperdir=${upper},workdir=${work},redirect_dir=on,metacopy=on`, 'none', merged])
    chmodSync(join(merged, 'top'), 0o600)
    await expect(collect(diffUpper(upper, { special }))).rejects.toMatchObject(refused)
    writeFileSync(join(merged, 'top'), 'now with content')
    await collect(diffUpper(upper, { special }))
    renameSync(join(merged, 'etc'), join(merged, 'etc2'))
    await expect(collect(diffUpper(upper, { special }))).rejects.toMatchObject(refused)
    run('umount', [merged])
  })
})
