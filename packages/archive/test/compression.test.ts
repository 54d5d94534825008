import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { compress, type Compression, decompress, detectCompression } from '../src/index.ts'
import { collect, inPieces } from './fixtures/collect.ts'
import { hasTool, run, temporaryDirectory } from './fixtures/directories.ts'

const hasZstd = typeof zlib.zstdCompressSync === 'function'
const plain = Buffer.concat(Array.from({ length: 3000 }, (_, index) => Buffer.from(`line ${index * 7919}\n`)))
const noise = incompressible(300_000)

const damaged = { code: 'ERR_ARCHIVE_COMPRESSION' }

async function inflate(input: Uint8Array | Iterable<Uint8Array>, compression: Compression | 'auto' = 'auto'): Promise<Buffer> {
  return collect(decompress(input instanceof Uint8Array ? [input] : input, compression))
}

test.each([
  ['gzip', zlib.gzipSync('x'), 'gzip'],
  ['a frame of zstd', Buffer.from('28b52ffd', 'hex'), 'zstd'],
  ['a skippable frame of zstd', Buffer.from('5a2a4d18', 'hex'), 'zstd'],
  ['tar', Buffer.from('etc/'), 'none'],
  ['nothing', Buffer.alloc(0), 'none'],
  ['too little to tell', Buffer.from([0x28, 0xb5]), 'none'],
] as const)('detects %s', (_, bytes, expected) => {
  expect(detectCompression(bytes)).toBe(expected)
})

describe('gzip', () => {
  const first = zlib.gzipSync(plain)
  const second = zlib.gzipSync(noise)
  const both = Buffer.concat([plain, noise])

  test.each([1, 1000, 1 << 20])('several members in pieces of %i bytes', async (size) => {
    expect((await inflate(inPieces(Buffer.concat([first, second]), size))).equals(both)).toBe(true)
  })

  test('members that end where pieces do', async () => {
    expect((await inflate([first, second])).equals(both)).toBe(true)
  })

  test('padding with zeros is passed over', async () => {
    expect((await inflate(Buffer.concat([first, Buffer.alloc(1000)]))).equals(plain)).toBe(true)
    expect((await inflate([first, Buffer.alloc(10), Buffer.alloc(100_000)])).equals(plain)).toBe(true)
  })

  test.each([
    ['a cut in the data', [first.subarray(0, 500)]],
    ['a cut in the trailer', [first.subarray(0, -1)]],
    ['a cut in the second header', [first, second.subarray(0, 5)]],
    ['nothing at all', []],
    ['something behind', [Buffer.concat([first, Buffer.from('something')])]],
    ['something behind, in another piece', [first, Buffer.from('something')]],
    ['a member behind zeros, which zlib would drop', [Buffer.concat([first, Buffer.alloc(8), second])]],
    ['a member behind zeros, in another piece', [first, Buffer.alloc(8), second]],
    ['a wrong checksum', [Buffer.concat([first.subarray(0, -8), Buffer.alloc(4), first.subarray(-4)])]],
  ])('refuses %s', async (_, pieces) => {
    await expect(inflate(pieces, 'gzip')).rejects.toMatchObject(damaged)
  })
})

describe.skipIf(!hasZstd)('zstd', () => {
  const frames = [plain, noise, Buffer.alloc(0), Buffer.alloc(5_000_000, 'z'), plain].map(withChecksum)
  const all = Buffer.concat([plain, noise, Buffer.alloc(5_000_000, 'z'), plain])

  test.each([1, 1000, 1 << 20])('several frames in pieces of %i bytes', async (size) => {
    expect((await inflate(inPieces(Buffer.concat(frames), size))).equals(all)).toBe(true)
  })

  test('skippable frames are passed over, also before and behind', async () => {
    const input = Buffer.concat([skippable(0, 3), frames[0]!, skippable(15, 0), frames[1]!, skippable(7, 70_000)])
    for (const size of [1, 999, input.length]) {
      expect((await inflate(inPieces(input, size))).equals(Buffer.concat([plain, noise]))).toBe(true)
    }
    expect(await inflate(skippable(1, 10))).toHaveLength(0)
  })

  test.skipIf(!hasTool('zstd'))('what the zstd command writes, with and without checksum and size, in one frame or many', async () => {
    const path = join(temporaryDirectory(), 'data')
    writeFileSync(path, all)
    for (const options of [['-1'], ['-19', '--no-check'], ['--no-content-size'], ['-T2', '-B100000'], ['--ultra', '-22', '--long=25']]) {
      const compressed = run('zstd', ['-q', '-c', ...options, path])
      expect((await inflate(inPieces(compressed, 5000))).equals(all)).toBe(true)
    }
  })

  test.each([
    ['a cut in the data', [frames[1]!.subarray(0, -20)]],
    ['a cut in the checksum', [Buffer.concat(frames).subarray(0, -1)]],
    ['a cut in a magic number', [Buffer.concat([frames[0]!, frames[1]!.subarray(0, 2)])]],
    ['a cut in a skippable frame', [Buffer.concat([frames[0]!, skippable(3, 100).subarray(0, 50)])]],
    ['nothing at all', []],
    ['something behind', [Buffer.concat([frames[0]!, Buffer.from('something')])]],
    ['zeros behind', [Buffer.concat([frames[0]!, Buffer.alloc(100)])]],
    ['damage in a small frame', [flipped(frames[0]!, 60)]],
    ['damage in a large frame', [flipped(frames[1]!, 150_000)]],
    ['gzip', [zlib.gzipSync('x')]],
  ])('refuses %s', async (_, pieces) => {
    await expect(inflate(pieces, 'zstd')).rejects.toMatchObject(damaged)
  })
})

describe.each(['gzip', ...(hasZstd ? (['zstd'] as const) : []), 'none'] as const)('%s', (compression) => {
  test('there and back, the same bytes each time', async () => {
    const once = await collect(compress(inPieces(noise, 10_000), compression))
    const again = await collect(compress([noise], compression))
    expect(once.equals(again)).toBe(true)
    expect((await inflate(once)).equals(noise)).toBe(true)
  })

  test('pieces that are given back at once are right while they are good', async () => {
    const data = Buffer.alloc(3_000_000, 'abcdefghij\n')
    const input = await collect(compress([data], compression))
    expect((await collect(decompress(inPieces(input, 100), 'auto', { transient: true }))).equals(data)).toBe(true)
  })

  test('what the input throws comes out as it is', async () => {
    const failure = new Error('the network is gone')
    const input = await collect(compress([noise], compression))
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield input.subarray(0, 1000)
      throw failure
    }
    await expect(collect(decompress(source()))).rejects.toBe(failure)
    await expect(collect(compress(source(), compression))).rejects.toBe(failure)
  })

  test('an abort rejects with its reason', async () => {
    const reason = new Error('enough')
    const input = await collect(compress([noise], compression))
    await expect(collect(decompress([input], 'auto', { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
  })

  test('a reader that stops closes the input', async () => {
    const path = join(temporaryDirectory(), 'data')
    writeFileSync(path, await collect(compress([Buffer.concat([noise, noise, noise, noise])], compression)))
    const stream = createReadStream(path, { highWaterMark: 1000 })
    for await (const _ of decompress(stream, compression, { chunkSizeBytes: 65_536 })) break
    await new Promise<void>((resolve) => (stream.closed ? resolve() : stream.once('close', () => resolve())))
    expect(stream.closed).toBe(true)
  })
})

/** A linear congruential generator's upper bytes. */
function incompressible(length: number): Buffer {
  let state = 1
  return Buffer.from(Array.from({ length }, () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24))
}

function withChecksum(data: Uint8Array): Buffer {
  return zlib.zstdCompressSync(data, { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } })
}

function skippable(number: number, length: number): Buffer {
  const frame = Buffer.alloc(8 + length, number)
  frame.writeUInt32LE(0x184d2a50 + number, 0)
  frame.writeUInt32LE(length, 4)
  return frame
}

function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at]! ^= 0xff
  return copy
}
