import { createTarWriter, type TarEntryInit } from '@podwright/archive'
import { copyImage, createDirectoryDestination, openImageArchive } from '@podwright/distribution'
import { digestOf, encodeDocument } from '@podwright/oci'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { useDirectory } from './fixtures/places.ts'

const at = useDirectory()

const layer = createTarWriter().add({ name: 'file' }, 'content').finish()
const config = encodeDocument({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [digestOf(layer)] } })
const hex = (bytes: Uint8Array): string => digestOf(bytes).slice('sha256:'.length)

type Member = readonly [entry: TarEntryInit, content?: string | Uint8Array | undefined]

/** What docker save would write, with some of it replaced. */
function dockerArchive(changes: { readonly manifest?: unknown; readonly members?: readonly Member[] } = {}): Uint8Array {
  const manifest = changes.manifest ?? [{ Config: `${hex(config)}.json`, RepoTags: ['a:1'], Layers: ['layer.tar'] }]
  const members: readonly Member[] = changes.members ?? [
    [{ name: 'layer.tar' }, layer],
    [{ name: `${hex(config)}.json` }, config],
    [{ name: 'manifest.json' }, typeof manifest === 'string' ? manifest : JSON.stringify(manifest)],
  ]
  return members.reduce((tar, [entry, content]) => tar.add(entry, content), createTarWriter()).finish()
}

const rest: readonly Member[] = [
  [{ name: `${hex(config)}.json` }, config],
  [{ name: 'manifest.json' }, JSON.stringify([{ Config: `${hex(config)}.json`, Layers: ['layer.tar'] }])],
]
const link = (linkName: string, type: 'symlink' | 'hardlink' = 'symlink'): Member => [{ name: 'layer.tar', type, linkName }]

test.each<[string, Uint8Array]>([
  ['as docker writes it', dockerArchive()],
  [
    'with names that begin with ./',
    dockerArchive({
      members: [
        [{ name: './layer.tar' }, layer],
        ...rest.map(([entry, content]): Member => [{ name: `./${String(entry.name)}` }, content]),
      ],
    }),
  ],
  [
    'with a layer that is a link to its equal',
    dockerArchive({
      members: [[{ name: 'x/layer.tar' }, layer], [{ name: 'layer.tar', type: 'symlink', linkName: 'x/layer.tar' }], ...rest],
    }),
  ],
  [
    'with a layer that is a hard link',
    dockerArchive({ members: [[{ name: 'x/layer.tar' }, layer], link('x/layer.tar', 'hardlink'), ...rest] }),
  ],
  ['with a layer that is packed', dockerArchive({ members: [[{ name: 'layer.tar' }, gzipSync(layer)], ...rest] })],
  ['with a layer that is packed with zstd', dockerArchive({ members: [[{ name: 'layer.tar' }, zstdCompressSync(layer)], ...rest] })],
  [
    'with directories twice',
    dockerArchive({
      members: [[{ name: 'd', type: 'directory' }], [{ name: 'd', type: 'directory' }], [{ name: 'layer.tar' }, layer], ...rest],
    }),
  ],
  [
    'as docker 25 and later write it, a layout with a manifest.json',
    dockerArchive({
      members: [
        [{ name: `blobs/sha256/${hex(config)}` }, config],
        [{ name: `blobs/sha256/${hex(layer)}` }, layer],
        [{ name: 'index.json' }, '{"schemaVersion":2,"manifests":[]}'],
        [
          { name: 'manifest.json' },
          JSON.stringify([{ Config: `blobs/sha256/${hex(config)}`, RepoTags: null, Layers: [`blobs/sha256/${hex(layer)}`] }]),
        ],
        [{ name: 'oci-layout' }, '{"imageLayoutVersion":"1.0.0"}'],
      ],
    }),
  ],
  ['without the zeros at the end', dockerArchive().slice(0, -1024)],
])('one %s is read', async (_, bytes) => {
  await expect(read(bytes)).resolves.toBe(digestOf(config))
})

const invalid = 'ERR_IMAGE_ARCHIVE_INVALID'

describe('refused', () => {
  test.each<[string, Uint8Array, string, string]>([
    ['nothing at all', new Uint8Array(0), invalid, 'manifest.json'],
    ['no tar', Buffer.from('#!/bin/sh\n'), invalid, 'no tar'],
    ['a tar of something else', createTarWriter().add({ name: 'etc/passwd' }, 'root').finish(), invalid, 'manifest.json'],
    ['a tar of zeros', new Uint8Array(4096), invalid, 'manifest.json'],
    ['a header of noise', Buffer.alloc(512, 'x'), invalid, ''],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), invalid, 'xz'],
    ['bzip2', Buffer.from('BZh91AY'), invalid, 'bzip2'],
    ['gzip that is cut short', gzipSync(dockerArchive()).subarray(0, 200), invalid, 'ends too soon'],
    ['gzip in gzip', gzipSync(gzipSync(dockerArchive())), invalid, ''],
    ['one cut within a header', dockerArchive().subarray(0, 700), invalid, ''],
    ['one cut within a member', dockerArchive().subarray(0, 1024), invalid, 'ends within "layer.tar"'],
    ['a manifest.json that is no JSON', dockerArchive({ manifest: '[{' }), invalid, 'not a list of images'],
    ['a manifest.json that is an object', dockerArchive({ manifest: {} }), invalid, 'not a list of images'],
    ['a manifest.json with numbers', dockerArchive({ manifest: [{ Config: 5 }] }), invalid, 'not a list of images'],
    ['a manifest.json of 5 MB', dockerArchive({ manifest: JSON.stringify(['x'.repeat(5_000_000)]) }), invalid, 'more than'],
    ['a config that is not there', dockerArchive({ manifest: [{ Config: 'no.json', Layers: [] }] }), invalid, 'no.json is not there'],
    ['a config out of it', dockerArchive({ manifest: [{ Config: '../../etc/passwd', Layers: [] }] }), invalid, 'leads out of it'],
    [
      'a config of another digest',
      dockerArchive({
        members: [
          [{ name: `${hex(layer)}.json` }, config],
          [{ name: 'manifest.json' }, JSON.stringify([{ Config: `${hex(layer)}.json` }])],
        ],
      }),
      invalid,
      'have the digest',
    ],
    [
      'a config that is none',
      dockerArchive({
        members: [
          [{ name: 'c' }, 'x'],
          [{ name: 'manifest.json' }, JSON.stringify([{ Config: 'c' }])],
        ],
      }),
      'ERR_DOCUMENT_INVALID',
      '',
    ],
    [
      'fewer layers than the config says',
      dockerArchive({ manifest: [{ Config: `${hex(config)}.json`, Layers: [] }] }),
      invalid,
      '1 layers, manifest.json 0',
    ],
    ['a layer that is not there', dockerArchive({ members: rest }), invalid, 'layer.tar is not there'],
    [
      'a layer of other bytes',
      dockerArchive({ members: [[{ name: 'layer.tar' }, Buffer.from(layer).fill(1, 0, 10)], ...rest] }),
      'ERR_BLOB_DIGEST_MISMATCH',
      '',
    ],
    [
      'a packed layer of other bytes',
      dockerArchive({ members: [[{ name: 'layer.tar' }, gzipSync('other')], ...rest] }),
      'ERR_DIFF_ID_MISMATCH',
      '',
    ],
    [
      'a packed layer that is damaged',
      dockerArchive({ members: [[{ name: 'layer.tar' }, gzipSync(layer).subarray(0, 30)], ...rest] }),
      'ERR_ARCHIVE_COMPRESSION',
      '',
    ],
    [
      'a layer twice',
      dockerArchive({ members: [[{ name: 'layer.tar' }, layer], [{ name: './layer.tar' }, layer], ...rest] }),
      invalid,
      'twice',
    ],
    ['a manifest.json twice', dockerArchive({ members: [...rest, rest[1]!] }), invalid, 'twice'],
    [
      'a layer that is a directory',
      dockerArchive({ members: [[{ name: 'layer.tar', type: 'directory' }], ...rest] }),
      invalid,
      'not there',
    ],
    [
      'a layer that is a device',
      dockerArchive({ members: [[{ name: 'layer.tar', type: 'character', major: 1, minor: 5 }], ...rest] }),
      invalid,
      'not there',
    ],
    ['a link out of it', dockerArchive({ members: [link('../../../etc/passwd'), ...rest] }), invalid, 'not there'],
    ['an absolute link', dockerArchive({ members: [link('/etc/passwd'), ...rest] }), invalid, 'not there'],
    ['a link to itself', dockerArchive({ members: [link('layer.tar'), ...rest] }), invalid, 'circle'],
    ['a name that leads out', dockerArchive({ members: [[{ name: '../evil' }, 'x'], ...rest] }), invalid, 'leads out of it'],
    ['an absolute name', dockerArchive({ members: [[{ name: '/evil' }, 'x'], ...rest] }), invalid, 'leads out of it'],
  ])('is %s', async (_, bytes, code, message) => {
    await expect(read(bytes)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    expect(readdirSync(at()).filter((name) => name !== 'out')).toEqual(['a.tar'])
  })

  test('is an archive of too many members, or of names that fill the memory', async () => {
    const many = repeatedHeader(createTarWriter().add({ name: 'x' }).finish().subarray(0, 512), 100_002)
    await expect(read(many)).rejects.toMatchObject({ code: invalid, message: expect.stringContaining('100000 members') })
    const long = createTarWriter()
    for (let number = 0; number < 20; number++) long.add({ name: `${number}${'n'.repeat(1_000_000)}` })
    await expect(read(long.finish())).rejects.toMatchObject({ code: invalid, message: expect.stringContaining('names') })
  })

  test('is what is not there, or is a directory of something else', async () => {
    await expect(openImageArchive(at('no.tar'))).rejects.toMatchObject({ code: 'ERR_IMAGE_ARCHIVE_NOT_FOUND' })
    await expect(openImageArchive(at())).rejects.toMatchObject({ code: 'ERR_IMAGE_DIRECTORY_NOT_FOUND' })
    await expect(openImageArchive(at(), { format: 'docker-archive' })).rejects.toMatchObject({ code: invalid })
  })
})

async function read(bytes: Uint8Array): Promise<string> {
  writeFileSync(at('a.tar'), bytes)
  await using archive = await openImageArchive(at('a.tar'), { temporaryDirectory: at() })
  const { images } = await copyImage(archive.images[0]!.source(), createDirectoryDestination(at('out')))
  expect(images).toHaveLength(1)
  const manifest = JSON.parse(readFileSync(at('out/manifest.json'), 'utf8')) as { config: { digest: string } }
  return manifest.config.digest
}

/** Distinct names, without 100,000 calls of a writer. */
function repeatedHeader(header: Uint8Array, count: number): Uint8Array {
  const bytes = Buffer.alloc((count + 2) * 512)
  for (let number = 0; number < count; number++) {
    const block = bytes.subarray(number * 512, number * 512 + 512)
    block.set(header)
    block.write(String(number), 0)
    block.fill(0x20, 148, 156)
    const sum = block.reduce((total, byte) => total + byte, 0)
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  }
  return bytes
}
