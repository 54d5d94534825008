import { statSync, closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { extractLayer } from '../src/index.ts'
import { readAll } from './fixtures/collect.ts'
import { hasTool, run, temporaryDirectory } from './fixtures/directories.ts'
import { paxEntry, rawTar } from './fixtures/raw-tar.ts'

const mebibyte = 1 << 20

/** A file with `count` stretches of data, a MiB apart, and a hole at its end. */
function makeSparseFile(path: string, count: number): void {
  const file = openSync(path, 'w')
  for (let index = 0; index < count; index++) writeSync(file, Buffer.alloc(5000, index + 1), 0, 5000, (index * 2 + 1) * mebibyte)
  ftruncateSync(file, (count * 2 + 1) * mebibyte)
  closeSync(file)
}

describe.skipIf(!hasTool('tar'))('sparse files of GNU tar', () => {
  test.each([
    ['old GNU, in the header', ['--format=gnu'], 3],
    ['old GNU, with extension blocks', ['--format=gnu'], 60],
    ['PAX 0.0', ['--format=posix', '--sparse-version=0.0'], 10],
    ['PAX 0.1', ['--format=posix', '--sparse-version=0.1'], 10],
    ['PAX 1.0', ['--format=posix', '--sparse-version=1.0'], 10],
    ['PAX 1.0, with a map of several blocks', ['--format=posix', '--sparse-version=1.0'], 100],
  ] as const)('%s', async (_, options, count) => {
    const directory = temporaryDirectory()
    makeSparseFile(join(directory, 'holes'), count)
    const tar = run('tar', ['-C', directory, '--sparse', ...options, '-cf', '-', 'holes'])
    expect(tar.length).toBeLessThan(mebibyte)

    const original = readFileSync(join(directory, 'holes'))
    const [entry] = await readAll([tar])
    expect(Buffer.from(entry!.name).toString()).toBe('holes')
    expect(entry!.bytes.equals(original)).toBe(true)
    expect(entry!.storedBytes).toBeLessThan(mebibyte)

    const result = await extractLayer([tar], join(directory, 'out'))
    expect(result.sizeBytes).toBe(original.length)
    expect(readFileSync(join(directory, 'out/holes')).equals(original)).toBe(true)
    expect(statSync(join(directory, 'out/holes')).blocks * 512).toBeLessThan(2 * mebibyte)
  })
})

test('a claim of 10 GB in a few bytes takes no space', async () => {
  const directory = temporaryDirectory()
  const records = [
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.minor', '0'],
    ['GNU.sparse.name', 'huge'],
    ['GNU.sparse.realsize', '10000000000'],
  ] as const
  const tar = rawTar(paxEntry(records), { data: '0\n'.padEnd(512, '\0') })
  await extractLayer([tar], directory)
  const stats = statSync(join(directory, 'huge'))
  expect([stats.size, stats.blocks]).toEqual([10_000_000_000, 0])
  await expect(extractLayer([tar], join(directory, 'limited'), { maxSizeBytes: 1e9 })).rejects.toMatchObject({ code: 'ERR_ARCHIVE_LIMIT' })
})
