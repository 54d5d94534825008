import { isPodwrightError } from '@podwright/conventions'
import { createSpecialFiles } from '@podwright/linux'
import * as fc from 'fast-check'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createTarParser, extractLayer, flattenLayers, listLayer, listLayers, readTar } from '../src/index.ts'
import { removeTree } from '../src/internal/extract/remove-tree.ts'
import { cases, timeoutFor } from './fixtures/cases.ts'
import { inPieces } from './fixtures/collect.ts'
import { isRoot, run, temporaryDirectory } from './fixtures/directories.ts'
import { mutate, mutations } from './fixtures/mutations.ts'
import { tally } from './fixtures/tally.ts'

const special = createSpecialFiles()
const runs = cases(150)

/** A tree with what a layer can have, packed in every format that is read. */
function makeSeeds(): readonly Buffer[] {
  const tree = temporaryDirectory()
  const script = [
    'mkdir -p d/e usr/bin; echo hello > d/e/f; ln d/e/f d/hard; ln -s e/f d/link; ln -s /etc out',
    'head -c 3000 /dev/urandom > data; : > empty; truncate -s 300k sparse; printf x >> sparse; printf y | dd of=sparse seek=70000 bs=1 conv=notrunc 2>&-',
    `touch ${'n'.repeat(150)}; ln -s ${'l'.repeat(150)} long; mkfifo pipe; touch d/.wh.gone d/e/.wh..wh..opq`,
    'chmod 4755 data; touch -d @1.5 data',
  ]
  run('sh', ['-c', script.join('\n')], { cwd: tree })
  special.setXattr(Buffer.from(join(tree, 'data')), Buffer.from('user.x'), Buffer.from([0, 0xff, 0x0a]))
  const pack = (...options: readonly string[]): Buffer => run('tar', ['-C', tree, ...options, '-b1', '-cf', '-', '.'])
  return [
    pack('--format=posix', '--xattrs', '--xattrs-include=*'),
    pack('--format=posix', '--sparse', '--sparse-version=1.0'),
    pack('--format=posix', '--sparse', '--sparse-version=0.1'),
    pack('--format=gnu', '--sparse'),
    pack('--format=oldgnu', '--sparse'),
    run('tar', ['-C', tree, '--format=v7', '-b1', '-cf', '-', 'd', 'usr', 'data']),
  ]
}

let made: readonly Buffer[] | undefined

/** Made by the first test that needs them. */
function seedTars(): readonly Buffer[] {
  return (made ??= makeSeeds())
}

/** What came of it: `right` or a code, both of which are right answers. Whatever else is thrown is a bug. */
async function coded(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return 'right'
  } catch (error) {
    if (!isPodwrightError(error) || !error.code.startsWith('ERR_ARCHIVE_')) throw error
    return error.code
  }
}

async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

const seed = fc.nat(5)
const damage = fc.record({ seed, mutations, fixChecksums: fc.boolean(), pieceBytes: fc.constantFrom(1 << 16, 512, 700, 4096) })

describe('a damaged tar', () => {
  test('is read, listed and merged with a code or a right result', { timeout: timeoutFor(runs) }, async (context) => {
    const count = tally(context, 'tars: read')
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(damage, async ({ seed: index, mutations: all, fixChecksums, pieceBytes }) => {
        const tar = mutate(seedTars()[index]!, all, fixChecksums)
        const input = (): Iterable<Uint8Array> => inPieces(tar, pieceBytes)
        const outcome = await coded(async () => {
          // Sizes are claims: what a sparse file has in holes is not read here, but counted.
          for await (const { content, sizeBytes } of readTar(input())) if (sizeBytes < 1 << 20) await drain(content)
        })
        outcomes.add(outcome)
        count(outcome)
        // What can be read can be listed, and the other way round.
        expect(await coded(() => drain(listLayer(input())))).toBe(outcome)
        await coded(() => drain(listLayers([input], { symlinkedParents: 'follow' })))
        if (pieceBytes === 4096) await coded(() => drain(limited(flattenLayers([input, input]))))
      }),
      { numRuns: runs },
    )
    expect([...outcomes]).toEqual(expect.arrayContaining(['right', 'ERR_ARCHIVE_MALFORMED', 'ERR_ARCHIVE_TRUNCATED']))
  })

  test('is the same whatever pieces it comes in', { timeout: timeoutFor(runs) }, (context) => {
    const count = tally(context, 'tars: in pieces')
    const events = (tar: Buffer, pieceBytes: number): string => {
      const seen: string[] = []
      const parser = createTarParser({
        entry: ({ name, type, sizeBytes }) => seen.push(`${Buffer.from(name).toString('latin1')} ${type} ${sizeBytes}`),
        data: () => {},
        end: () => {},
      })
      try {
        for (const piece of inPieces(tar, pieceBytes)) parser.write(piece)
        parser.close()
      } catch (error) {
        if (!isPodwrightError(error)) throw error
        seen.push(error.message)
      }
      return seen.join('\n')
    }
    fc.assert(
      fc.property(damage, ({ seed: index, mutations: all, fixChecksums, pieceBytes }) => {
        const tar = mutate(seedTars()[index]!, all, fixChecksums)
        expect(events(tar, pieceBytes)).toBe(events(tar, tar.length + 1))
        count('right')
      }),
      { numRuns: runs },
    )
  })

  test('is extracted with a code or a right result, and nothing outside', { timeout: timeoutFor(runs) }, async (context) => {
    const count = tally(context, 'tars: extracted')
    const outcomes = new Set<string>()
    const place = temporaryDirectory()
    writeFileSync(join(place, 'secret'), 'secret')
    const before = statSync(join(place, 'secret'), { bigint: true })
    await fc.assert(
      fc.asyncProperty(damage, fc.constantFrom('apply', 'overlay', 'keep'), fc.boolean(), async (how, whiteouts, follow) => {
        const tar = mutate(seedTars()[how.seed]!, how.mutations, how.fixChecksums)
        const root = join(place, 'root')
        mkdirSync(root)
        const symlinkedParents = follow ? 'follow' : 'refuse'
        const limits = { maxEntries: 1000, maxSizeBytes: 2 ** 40 }
        // Devices could be those of the machine.
        const options = { special, whiteouts, symlinkedParents, devices: 'skip', owners: isRoot ? 'archive' : 'caller', ...limits } as const
        const outcome = await coded(() => extractLayer(inPieces(tar, how.pieceBytes), root, options))
        removeTree(Buffer.from(root))
        expect(readdirSync(place)).toEqual(['secret'])
        const after = statSync(join(place, 'secret'), { bigint: true })
        expect([after.ino, after.nlink, after.mode, after.uid]).toEqual([before.ino, before.nlink, before.mode, before.uid])
        expect(readFileSync(join(place, 'secret'), 'utf8')).toBe('secret')
        count(outcome)
        outcomes.add(outcome)
      }),
      { numRuns: runs },
    )
    // It is no test when all are refused at the door.
    expect([...outcomes]).toEqual(expect.arrayContaining(['right', 'ERR_ARCHIVE_MALFORMED', 'ERR_ARCHIVE_TRUNCATED']))
    rmSync(place, { recursive: true })
  })
})

describe('damaged compressed data', () => {
  test.for(['gzip', 'zstd'] as const)('%s', { timeout: timeoutFor(runs) }, async (compression, context) => {
    const count = tally(context, `tars: ${compression}`)
    const make = compression === 'gzip' ? gzipSync : zstdCompressSync
    const blobs = seedTars().map((tar) => Buffer.concat([make(tar.subarray(0, 5000)), make(tar.subarray(5000))]))
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(damage, async ({ seed: index, mutations: all, pieceBytes }) => {
        const blob = mutate(blobs[index]!, all, false)
        const outcome = await coded(() => drain(limited(listLayer(inPieces(blob, pieceBytes), { compression }))))
        outcomes.add(outcome)
        count(outcome)
      }),
      { numRuns: runs },
    )
    expect(outcomes).toContain('ERR_ARCHIVE_COMPRESSION')
  })
})

/** The beginning: a few damaged bytes may well say that a sparse file has terabytes. */
async function* limited<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item> {
  let count = 0
  for await (const item of source) {
    yield item
    if (++count > 2000) return
  }
}
