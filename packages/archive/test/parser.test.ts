import { describe, expect, test } from 'vitest'
import { isPodwrightError } from '@podwright/conventions'
import { createTarParser, createTarWriter, readTar } from '../src/index.ts'
import { collect, inPieces, readAll, text } from './fixtures/collect.ts'
import { paxEntry, rawEntry, rawTar } from './fixtures/raw-tar.ts'

/** A version 2 capability whose permitted set has a byte above 0x7f (linux/capability.h). */
const capability = Buffer.from('0100000284ff00000000000000000000000000ff', 'hex')

test('a capability with bytes above 0x7f and a name that is no UTF-8 arrive as they are', async () => {
  const tar = rawTar(paxEntry([['SCHILY.xattr.security.capability', capability]]), { name: 'n\xff\xfe', data: 'x' })
  const [entry] = await readAll([tar])
  expect(text(entry!.name)).toBe('n\xff\xfe')
  expect(entry!.xattrs.map(({ name, value }) => [text(name), Buffer.from(value)])).toEqual([['security.capability', capability]])
})

describe('headers', () => {
  test.each([
    ['octal digits', { uid: '0001750' }, { uid: 1000 }],
    ['spaces around digits', { uid: ' 1750 \0' }, { uid: 1000 }],
    ['base-256', { uid: Buffer.from([0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]) }, { uid: 0x7fffffff }],
    ['a negative time', { modified: Buffer.alloc(12, 0xff) }, { modified: -1_000_000_000n }],
    ['a mode with type bits', { mode: '0104755' }, { mode: 0o4755 }],
    ['a prefix', { prefix: 'a/b', name: 'c' }, { name: Buffer.from('a/b/c') }],
    ['no prefix in GNU headers', { prefix: 'a/b', name: 'c', magic: 'ustar  \0' }, { name: Buffer.from('c') }],
    ['no owner names in v7 headers', { magic: '\0\0\0\0\0\0\0\0', patches: [{ at: 265, bytes: 'root' }] }, { userName: Buffer.alloc(0) }],
    ['a directory of v7 by its slash', { name: 'd/', type: '\0' }, { type: 'directory' }],
    ['a contiguous file', { type: '7', data: 'abc' }, { type: 'file', sizeBytes: 3 }],
    ['a device', { type: '3', major: '0000010', minor: '0000003' }, { type: 'character', major: 8, minor: 3 }],
    ['a kind that is not known', { type: 'M' }, { type: 'unknown', typeFlag: 0x4d }],
  ] as const)('%s', async (_, raw, expected) => {
    const [entry] = await readAll([rawTar(raw)])
    const { name, userName, ...others } = entry!
    expect({ ...others, name: Buffer.from(name), userName: Buffer.from(userName) }).toMatchObject(expected)
  })

  test('a directory or link has no data, whatever its size says', async () => {
    const entries = await readAll([
      rawTar({ name: 'd', type: '5', size: '00000001000' }, { name: 'l', type: '1', size: '00000001000' }, { name: 'f' }),
    ])
    expect(entries.map(({ name, sizeBytes }) => [text(name), sizeBytes])).toEqual([
      ['d', 0],
      ['l', 0],
      ['f', 0],
    ])
  })

  test('volume labels are passed over', async () => {
    const entries = await readAll([rawTar({ name: 'label', type: 'V' }, { name: 'f' })])
    expect(entries.map(({ name }) => text(name))).toEqual(['f'])
  })
})

describe('what stands before an entry', () => {
  test('PAX records take the place of the header', async () => {
    const records = [
      ['path', 'long/n\xe4me\xff'],
      ['size', '3'],
      ['uid', '4000000'],
      ['gid', '5000000'],
      ['uname', 'j\xf6rg'],
      ['mtime', '1700000000.123456789'],
    ] as const
    const pax = paxEntry(records.map(([key, value]) => [key, Buffer.from(value, 'latin1')]))
    const [entry] = await readAll([rawTar(pax, rawEntry({ data: 'abc', size: '00000000000' }))])
    expect(text(entry!.name)).toBe('long/n\xe4me\xff')
    expect(text(entry!.userName)).toBe('j\xf6rg')
    expect(text(entry!.bytes)).toBe('abc')
    expect(entry).toMatchObject({ uid: 4_000_000, gid: 5_000_000, modified: 1_700_000_000_123_456_789n })
  })

  test.each([
    ['-1.5', -1_500_000_000n],
    ['0.1', 100_000_000n],
    ['1.0000000019', 1_000_000_001n],
    ['12', 12_000_000_000n],
  ])('the time %s', async (value, modified) => {
    const [entry] = await readAll([rawTar(paxEntry([['mtime', value]]), {})])
    expect(entry!.modified).toBe(modified)
  })

  test('global records hold until they are taken back; local ones for one entry', async () => {
    const entries = await readAll([
      rawTar(
        paxEntry(
          [
            ['uid', '7'],
            ['SCHILY.xattr.user.a', '1'],
          ],
          'g',
        ),
        paxEntry([
          ['uid', '8'],
          ['SCHILY.xattr.user.b', '2'],
        ]),
        { name: 'a' },
        { name: 'b' },
        paxEntry([['uid', '']], 'g'),
        { name: 'c', uid: '0000011' },
      ),
    ])
    expect(entries.map(({ uid, xattrs }) => [uid, xattrs.length])).toEqual([
      [8, 2],
      [7, 1],
      [9, 1],
    ])
  })

  test('GNU long names count for the next entry, and more than PAX', async () => {
    const long = `${'d/'.repeat(150)}\xff`
    const entries = await readAll([
      rawTar(
        rawEntry({ name: '././@LongLink', type: 'L', data: `${long}\0` }),
        rawEntry({ name: '././@LongLink', type: 'K', data: `${long}2\0` }),
        paxEntry([['path', 'other']]),
        { name: 'x', type: '2', linkName: 'y' },
        { name: 'z' },
      ),
    ])
    expect(entries.map(({ name, linkName }) => [text(name), text(linkName)])).toEqual([
      [long, `${long}2`],
      ['z', ''],
    ])
  })

  test("the size of a PAX header is the entry's, not that of a header between", async () => {
    const entries = await readAll([
      rawTar(
        paxEntry([['size', '1024']]),
        rawEntry({ type: 'L', data: 'name\0' }),
        { size: '00000000000', data: Buffer.alloc(1024, 'a') },
        { name: 'next' },
      ),
    ])
    expect(entries.map(({ name, sizeBytes }) => [text(name), sizeBytes])).toEqual([
      ['name', 1024],
      ['next', 0],
    ])
  })

  test('attributes in the way of libarchive', async () => {
    const [entry] = await readAll([rawTar(paxEntry([['LIBARCHIVE.xattr.user.a%3Db', Buffer.from([0, 255]).toString('base64')]]), {})])
    expect(entry!.xattrs.map(({ name, value }) => [text(name), [...value]])).toEqual([['user.a=b', [0, 255]]])
  })

  test.each([
    ['user::rw-,user:joe:rwx:1000,group::r--,mask::rwx,other::---', 'system.posix_acl_access'],
    ['user::rw-\ngroup::r--\nother::---\n', 'system.posix_acl_access'],
    ['user::rw-,user:joe:rwx,group::r--,mask::rwx,other::---', 'SCHILY.acl.access'],
    ['nonsense', 'SCHILY.acl.access'],
  ])('the ACL %s', async (acl, name) => {
    const [entry] = await readAll([rawTar(paxEntry([['SCHILY.acl.access', acl]]), {})])
    expect(entry!.xattrs.map((xattr) => text(xattr.name))).toEqual([name])
  })

  test('an attribute may be empty, or have newlines and NULs', async () => {
    const [entry] = await readAll([
      rawTar(
        paxEntry([
          ['SCHILY.xattr.user.a', ''],
          ['SCHILY.xattr.user.b', '\n=\0\n'],
        ]),
        {},
      ),
    ])
    expect(entry!.xattrs.map(({ value }) => text(value))).toEqual(['', '\n=\0\n'])
  })
})

describe('what is refused', () => {
  const gnuSparse = { type: 'S', magic: 'ustar  \0' }
  test.each([
    ['a wrong checksum', rawTar({ checksum: '000123\0 ' })],
    ['something else', Buffer.alloc(2048, 'x')],
    ['a size that is no number', rawTar({ size: 'x0000000000' })],
    ['a negative size', rawTar({ size: Buffer.alloc(12, 0xff) })],
    ['a size beyond what can be counted', rawTar({ size: Buffer.from([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) })],
    ['a negative user id', rawTar({ uid: Buffer.alloc(8, 0xff) })],
    ['an entry after a block of zeros', Buffer.concat([Buffer.alloc(512), rawTar({})])],
    ['a PAX record that is longer than the header', rawTar(rawEntry({ type: 'x', data: '999 path=x\n' }), {})],
    ['a PAX record of an absurd length', rawTar(rawEntry({ type: 'x', data: '99999999999999999999 path=x\n' }), {})],
    ['a PAX record without a length', rawTar(rawEntry({ type: 'x', data: ' path=x\n' }), {})],
    ['a PAX record of length 0', rawTar(rawEntry({ type: 'x', data: '0 path=x\n' }), {})],
    ['a PAX record without a newline', rawTar(rawEntry({ type: 'x', data: '10 path=xyz' }), {})],
    ['a PAX record without a key', rawTar(rawEntry({ type: 'x', data: '5 =x\n' }), {})],
    ['a PAX record without an equals sign', rawTar(rawEntry({ type: 'x', data: '7 path\n' }), {})],
    ['a PAX size that is no number', rawTar(paxEntry([['size', '-1']]), {})],
    ['a PAX path with a NUL', rawTar(paxEntry([['path', 'a\0b']]), {})],
    ['an attribute without a name', rawTar(paxEntry([['SCHILY.xattr.', 'a']]), {})],
    ['a PAX time of too many digits', rawTar(paxEntry([['mtime', '9'.repeat(40)]]), {})],
    ['a PAX header larger than 1 MiB', rawTar({ type: 'x', size: '00004000001' })],
    ['a long name larger than 1 MiB', rawTar({ type: 'L', size: '77777777777' })],
    ['a PAX header without an entry', rawTar(paxEntry([['path', 'x']]))],
    [
      'a sparse map that overlaps',
      rawTar({
        ...gnuSparse,
        data: 'abcd',
        patches: sparsePatches(
          [
            [0, 3],
            [2, 1],
          ],
          10,
        ),
      }),
    ],
    ['a sparse map beyond the file', rawTar({ ...gnuSparse, data: 'abcd', patches: sparsePatches([[8, 4]], 10) })],
    ['a sparse map of another length than the data', rawTar({ ...gnuSparse, data: 'abcd', patches: sparsePatches([[0, 3]], 10) })],
    [
      'a sparse map without end',
      rawTar(
        paxEntry([
          ['GNU.sparse.major', '1'],
          ['GNU.sparse.minor', '0'],
          ['GNU.sparse.realsize', '9'],
        ]),
        { data: '1\n' },
      ),
    ],
    [
      'a sparse map of letters',
      rawTar(
        paxEntry([
          ['GNU.sparse.major', '1'],
          ['GNU.sparse.minor', '0'],
          ['GNU.sparse.realsize', '9'],
        ]),
        { data: 'abc\n' },
      ),
    ],
    [
      'a sparse map of a billion stretches',
      rawTar(
        paxEntry([
          ['GNU.sparse.major', '1'],
          ['GNU.sparse.minor', '0'],
          ['GNU.sparse.realsize', '9'],
        ]),
        { data: '999999999\n' },
      ),
    ],
    ['a sparse file without a size', rawTar(paxEntry([['GNU.sparse.map', '0,1']]), { data: 'a' })],
  ])('%s', async (_, tar) => {
    await expect(readAll([tar])).rejects.toMatchObject({ code: 'ERR_ARCHIVE_MALFORMED' })
  })

  test.each([100, 512, 600, 1023])('an archive cut off after %i bytes', async (length) => {
    const tar = rawTar({ data: Buffer.alloc(600) }).subarray(0, length)
    await expect(readAll([tar])).rejects.toMatchObject({ code: 'ERR_ARCHIVE_TRUNCATED' })
  })

  test('an archive without its last blocks is taken, as Go does', async () => {
    expect(await readAll([rawEntry({ data: 'abc' })])).toHaveLength(1)
    expect(await readAll([rawEntry({ data: 'abc' }).subarray(0, 515)])).toHaveLength(1)
    expect(await readAll([])).toHaveLength(0)
  })

  test('what the sink throws comes out of write', () => {
    const parser = createTarParser({
      entry: () => {
        throw new RangeError('no')
      },
      data: () => {},
      end: () => {},
    })
    expect(() => parser.write(rawTar({}))).toThrow(RangeError)
  })
})

describe('reading', () => {
  const tar = createTarWriter()
    .add({ name: 'a' }, 'first')
    .add({ name: 'b' }, Buffer.alloc(70_000, 'b'))
    .add({ name: 'c' }, 'last')
    .finish()

  test.each([1, 7, 511, 512, 513, 4096])('pieces of %i bytes make no difference', async (size) => {
    const [a, b, c] = await readAll(inPieces(tar, size))
    expect([a!.bytes.toString(), b!.bytes.length, c!.bytes.toString()]).toEqual(['first', 70_000, 'last'])
  })

  test('content that is not read, or read in part, is passed over', async () => {
    const seen: string[] = []
    for await (const entry of readTar(inPieces(tar, 1000))) {
      seen.push(text(entry.name))
      if (seen.length === 2) for await (const _ of entry.content) break
    }
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  test('content is read once, and only while its entry is the current one', async () => {
    const reader = readTar([tar])
    const first = (await reader.next()).value!
    await collect(first.content)
    await expect(collect(first.content)).rejects.toThrow(TypeError)
    const second = (await reader.next()).value!
    await reader.next()
    await expect(collect(second.content)).rejects.toThrow(TypeError)
  })

  test('an abort rejects with its reason', async () => {
    const reason = new Error('enough')
    await expect(readAll([tar], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  test('errors are recognisable', async () => {
    const error = await readAll([Buffer.alloc(512, 'x')]).catch((caught: unknown) => caught)
    expect(isPodwrightError(error, 'ERR_ARCHIVE_MALFORMED')).toBe(true)
  })
})

function sparsePatches(regions: readonly (readonly [number, number])[], realSize: number): { at: number; bytes: string }[] {
  const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`
  const map = regions.map(([offset, length]) => octal(offset) + octal(length)).join('')
  return [
    { at: 386, bytes: map },
    { at: 483, bytes: octal(realSize) },
  ]
}
