import { createSpecialFiles } from '@podwright/linux'
import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { describe, expect, test } from 'vitest'
import { createTarParser, createTarWriter, extractLayer, packEntries } from '../src/index.ts'
import { cases, timeoutFor } from './fixtures/cases.ts'
import { collect, inPieces, readAll, text } from './fixtures/collect.ts'
import { hasTool, needsRoot, run, temporaryDirectory } from './fixtures/directories.ts'
import { type RandomEntry, randomEntries } from './fixtures/random-entries.ts'
import { describeTree } from './fixtures/tree.ts'

const special = createSpecialFiles()
const runs = cases(300)
const isLong = runs !== 300

function tarOf(entries: readonly RandomEntry[]): Buffer {
  const writer = createTarWriter()
  for (const { init, content } of entries) writer.add(init, content)
  return Buffer.from(writer.finish())
}

/** Of a directory, with its slash, as it stands in the tar. */
function writtenName({ type, name }: RandomEntry['init']): string {
  return `${text(name as Uint8Array)}${type === 'directory' ? '/' : ''}`
}

const flags = { file: '0', hardlink: '1', symlink: '2', character: '3', block: '4', directory: '5', fifo: '6' } as const

/** Not too many: each is a run of a tool, or a share of one. */
function samples(isText: boolean): RandomEntry[][] {
  return fc.sample(randomEntries(isText), isLong ? { numRuns: Math.min(runs, 100), seed: Date.now() } : { numRuns: 40, seed: 42 })
}

describe('entries that we write', () => {
  test('we read the same', { timeout: timeoutFor(runs) }, async () => {
    await fc.assert(
      fc.asyncProperty(randomEntries(false), fc.constantFrom(512, 700, 1 << 20), async (entries, pieceBytes) => {
        const read = await readAll(inPieces(tarOf(entries), pieceBytes))
        expect(read.map(({ name, bytes, ...entry }) => [text(name), entry.type, text(entry.linkName), bytes.toString('hex')])).toEqual(
          entries.map(({ init, content }) => [writtenName(init), init.type, text(init.linkName as Uint8Array), content.toString('hex')]),
        )
        const numbers = ({ mode, uid, gid, modified, major, minor }: RandomEntry['init']): unknown => [
          mode,
          uid,
          gid,
          modified,
          major,
          minor,
        ]
        expect(read.map((entry) => numbers(entry as never))).toEqual(entries.map(({ init }) => numbers(init)))
        const attributes = ({ xattrs }: Pick<RandomEntry['init'], 'xattrs'>): string[] =>
          xattrs.map(({ name, value }) => `${text(name)}=${Buffer.from(value).toString('hex')}`).toSorted()
        expect(read.map(attributes)).toEqual(entries.map(({ init }) => attributes(init)))
      }),
      { numRuns: runs },
    )
  })

  test('tar-stream reads the same', async () => {
    for (const entries of samples(true)) {
      const read = await readWithTarStream(tarOf(entries))
      expect(read).toEqual(
        entries.map(({ init, content }) => [
          writtenName(init).replace(/\/$/, ''),
          flags[init.type],
          text(init.linkName as Uint8Array),
          init.mode,
          init.uid,
          init.gid,
          Number(init.modified / 1_000_000_000n),
          content.toString('hex'),
        ]),
      )
    }
  })

  test.skipIf(!hasTool('python3'))('Python reads the same', () => {
    const directory = temporaryDirectory()
    const all = samples(false)
    const files = all.map((entries, index) => {
      writeFileSync(join(directory, `${index}.tar`), tarOf(entries))
      return join(directory, `${index}.tar`)
    })
    const read: unknown = JSON.parse(run('python3', [join(import.meta.dirname, 'fixtures/read-tars.py'), ...files]).toString())
    expect(read).toEqual(
      all.map((entries) =>
        entries.map(({ init, content }) => ({
          name: text(init.name as Uint8Array),
          link: text(init.linkName as Uint8Array),
          type: flags[init.type],
          mode: init.mode,
          uid: init.uid,
          gid: init.gid,
          seconds: Number(init.modified / 1_000_000_000n),
          major: init.major,
          minor: init.minor,
          size: content.length,
          sha256: createHash('sha256').update(content).digest('hex'),
        })),
      ),
    )
  })

  test.skipIf(needsRoot)('GNU tar extracts the same, attributes and nanoseconds too', { timeout: 120_000 }, async () => {
    for (const entries of samples(false).slice(0, 40)) {
      const [file, ours, theirs] = [join(temporaryDirectory(), 'layer.tar'), temporaryDirectory(), temporaryDirectory()]
      const tar = tarOf(entries)
      writeFileSync(file, tar)
      await extractLayer([tar], ours, { special })
      run('tar', ['-C', theirs, '--numeric-owner', '--xattrs', '--xattrs-include=*', '--delay-directory-restore', '-xpf', file])
      const named = (directory: string): string[] => describeTree(directory).filter((line) => !isImplied(line, entries))
      expect(named(theirs)).toEqual(named(ours))
      for (const directory of [ours, theirs]) rmSync(directory, { recursive: true })
    }
  })
})

/** Directories that no entry is about have the time of their making. */
function isImplied(line: string, entries: readonly RandomEntry[]): boolean {
  if (line.startsWith('. ')) return true
  return !entries.some(({ init }) => line.startsWith(`./${text(init.name as Uint8Array)} `))
}

async function readWithTarStream(tar: Buffer): Promise<unknown[]> {
  const kinds: Readonly<Record<string, string>> = {
    file: '0',
    link: '1',
    symlink: '2',
    'character-device': '3',
    'block-device': '4',
    directory: '5',
    fifo: '6',
  }
  const parser = Readable.from([tar]).pipe(extract())
  const entries: unknown[] = []
  for await (const entry of parser) {
    const { name, type, linkname, mode, uid, gid, mtime, pax } = (entry as { header: Header }).header
    // It leaves numbers to whoever wants them.
    const records = { uid, gid, mtime: (mtime?.getTime() ?? 0) / 1000, ...(pax as object | null) }
    const content = await collect(entry as AsyncIterable<Uint8Array>)
    const numbers = [records.uid, records.gid, records.mtime].map((value) => Number(String(value).split('.')[0]))
    // In the header stands what comes nearest.
    expect((mtime?.getTime() ?? 0) / 1000).toBe(numbers[2])
    entries.push([name.replace(/\/$/, ''), kinds[type ?? ''], linkname ?? '', mode, ...numbers, content.toString('hex')])
  }
  return entries
}

describe('more than eight gigabytes', () => {
  const sizeBytes = 9 * 2 ** 30

  test.skipIf(!hasTool('python3'))('have a size that every reader takes', async () => {
    const path = join(temporaryDirectory(), 'big.tar')
    // Only the header is written; the file system holds the zeros.
    const pieces = packEntries([{ name: 'big', content: { sizeBytes, chunks: [] } }])
    const header = Buffer.from((await pieces.next()).value ?? [])
    await pieces.return()
    const fd = openSync(path, 'w')
    writeSync(fd, header)
    const next = createTarWriter().add({ name: 'next' }, 'n').finish()
    writeSync(fd, next, 0, next.length, header.length + sizeBytes)
    ftruncateSync(fd, header.length + sizeBytes + next.length)
    closeSync(fd)
    expect(run('tar', ['--numeric-owner', '-tvf', path]).toString()).toMatch(new RegExp(`${sizeBytes} .* big\\n.* 1 .* next\\n`))
    expect(run('python3', ['-c', `import tarfile; print([(m.name, m.size) for m in tarfile.open('${path}')])`]).toString()).toBe(
      `[('big', ${sizeBytes}), ('next', 1)]\n`,
    )
    const [entry] = headersOf(header)
    expect(entry).toBe(`big ${sizeBytes}`)
    expect(statSync(path).blocks).toBeLessThan(100)
  })
})

function headersOf(tar: Buffer): string[] {
  const seen: string[] = []
  const parser = createTarParser({ entry: ({ name, sizeBytes }) => seen.push(`${text(name)} ${sizeBytes}`), data: () => {}, end: () => {} })
  parser.write(tar)
  return seen
}
