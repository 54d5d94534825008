import type { CheckReport, DamageFinding, Storage } from '@podwright/contracts'
import { openDatabase } from '@podwright/linux'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { rebuildStorage } from '../src/index.ts'
import { storageSchema } from '../src/internal/schema.ts'
import { imageOf, storeImage, tar, type TestImage } from './fixtures/image.ts'
import { type Scratch, scratch } from './fixtures/scratch.ts'
import { testExecutor } from './fixtures/test-executor.ts'

const a = 'example.org/a:1'
const image = imageOf([
  tar([{ name: 'etc/' }, { name: 'etc/a', content: 'aaaa' }]),
  tar([{ name: 'etc/' }, { name: 'etc/b', content: 'b' }]),
])
const [lowest, top] = image.layers
const layer = `${image.diffIds[0]?.slice(7)}`

interface House {
  readonly place: Scratch
  readonly root: string
  readonly image: TestImage
  /** Runs statements without the checks that keep rows together. */
  sql(statements: string): Promise<void>
}

const blob = ({ root }: House, digest = ''): string => join(root, 'blobs/sha256', digest.slice(7))
const tree = ({ root }: House): string => join(root, 'layers', layer, 'diff')

/** Kinds of damage: how each is made, what a check says, and what is left of it after a repair. */
const damages: readonly (readonly [
  name: string,
  damage: (house: House) => unknown,
  kinds: readonly string[],
  state: DamageFinding['state'],
  options: { full?: boolean; after?: readonly string[] },
])[] = [
  ['a layer blob is gone', (h) => rmSync(blob(h, lowest?.digest)), ['blob-missing'], 'pull', { after: ['blob-missing'] }],
  ['a config is gone', (h) => rmSync(blob(h, image.config.digest)), ['blob-missing'], 'pull', { after: ['blob-missing'] }],
  ['a manifest is gone', (h) => rmSync(blob(h, image.manifest.descriptor.digest)), ['blob-missing'], 'pull', { after: ['blob-missing'] }],
  ['a blob is cut off', (h) => truncateSync(blob(h, lowest?.digest), 10), ['blob-corrupt'], 'pull', { after: ['blob-missing'] }],
  ['a bit of a blob flipped', (h) => flip(blob(h, top?.digest)), ['blob-corrupt'], 'pull', { full: true, after: ['blob-missing'] }],
  [
    'the directory of a layer is gone',
    (h) => rmSync(join(h.root, 'layers', layer), { recursive: true }),
    ['layer-missing'],
    'repairable',
    {},
  ],
  ['the tree of a layer is gone', (h) => rmSync(tree(h), { recursive: true }), ['layer-missing'], 'repairable', {}],
  ['the record of a layer is gone', (h) => rmSync(join(h.root, 'layers', layer, 'layer.json')), ['layer-missing'], 'repairable', {}],
  ['a file of a layer is gone', (h) => rmSync(join(tree(h), 'etc/a')), ['layer-changed'], 'repairable', { full: true }],
  ['a file of a layer was changed', (h) => changeInPlace(join(tree(h), 'etc/a')), ['layer-changed'], 'repairable', { full: true }],
  ['a file in a layer is too much', (h) => writeFileSync(join(tree(h), 'etc/x'), 'x'), ['layer-changed'], 'repairable', { full: true }],
  [
    'the row of a layer is gone',
    (h) => h.sql(`DELETE FROM layers WHERE diff_id = 'sha256:${layer}'`),
    ['layer-unrecorded'],
    'repairable',
    {},
  ],
  [
    'the row and the directory of a layer are gone',
    async (h) => {
      await h.sql(`DELETE FROM layers WHERE diff_id = 'sha256:${layer}'`)
      rmSync(join(h.root, 'layers', layer), { recursive: true })
    },
    ['layer-unrecorded'],
    'repairable',
    {},
  ],
  ['a link is gone', (h) => rmSync(links(h)[0] ?? ''), ['link-wrong'], 'repairable', {}],
  ['a link leads elsewhere', (h) => relink(links(h)[0] ?? ''), ['link-wrong'], 'repairable', {}],
  [
    'a layer is a variant that nothing here makes',
    (h) =>
      h.sql(
        `INSERT INTO layers SELECT chain_id, 'map', diff_id, parent, 'foreign', size_bytes, NULL, NULL, NULL, 0, 0 FROM layers LIMIT 1`,
      ),
    ['layer-foreign'],
    'repairable',
    {},
  ],
  [
    'rows of a manifest are gone',
    (h) => h.sql("DELETE FROM manifest_references WHERE role = 'layer'"),
    ['manifest-rows'],
    'repairable',
    {},
  ],
  [
    'a row leads to no image',
    (h) => h.sql("INSERT INTO image_manifests SELECT 'sha256:none', digest FROM manifests LIMIT 1"),
    ['manifest-rows'],
    'repairable',
    {},
  ],
  [
    'a name leads nowhere',
    (h) => h.sql("INSERT INTO names VALUES ('example.org/x:1', 'example.org/x', NULL, 'sha256:none', 0)"),
    ['name-dangling'],
    'lost',
    {},
  ],
  ['a snapshot is gone', (h) => rmSync(join(h.root, 'snapshots/k'), { recursive: true }), ['snapshot-missing'], 'lost', {}],
  [
    'work that was killed has left something',
    (h) => (
      mkdirSync(join(h.root, 'trash/x')),
      writeFileSync(join(h.root, 'ingest', `sha256-${layer}`), 'x'),
      mkdirSync(join(h.root, 'snapshots/y'))
    ),
    ['garbage', 'garbage', 'garbage'],
    'repairable',
    {},
  ],
]

describe('a check', () => {
  test('of a whole storage finds nothing', async () => {
    await inHouse(async (storage) => {
      expect(await storage.check({ full: true, minAgeMs: 0 })).toEqual({ findings: [], healthy: true, images: 1, layers: 2, blobs: 4 })
    })
  })

  test.each(damages)('finds that %s, and repairs what can be', async (_, damage, kinds, state, { full = false, after = [] }) => {
    await inHouse(async (storage, house) => {
      await damage(house)
      const report = await storage.check({ full, minAgeMs: 0 })
      expect(kindsOf(report)).toEqual(kinds)
      expect(new Set(report.findings.map((finding) => finding.state))).toEqual(new Set([state]))
      expect(report.healthy).toBe(kinds.every((kind) => kind === 'garbage'))
      expect(report.findings.every(({ reason, action }) => reason !== '' && action.endsWith('.'))).toBe(true)
      expect(await storage.check({ full, minAgeMs: 0, repair: true, dryRun: true })).toEqual(report)
      const repaired = await storage.check({ full, minAgeMs: 0, repair: true })
      expect(repaired.findings.map((finding) => finding.state)).toEqual(kinds.map(() => (state === 'repairable' ? 'repaired' : state)))
      expect(kindsOf(await storage.check({ full: true, minAgeMs: 0 }))).toEqual(after)
      if (state === 'pull') expect(report.findings[0]?.pull).toContain(a)
      // What could not be repaired, a pull brings back.
      await storeImage(storage, a, image)
      expect(kindsOf(await storage.check({ full: true, minAgeMs: 0 }))).toEqual([])
    })
  })

  test('says what to pull when neither tree nor blob is there, and the pull brings it back', async () => {
    await inHouse(async (storage, house) => {
      rmSync(blob(house, lowest?.digest))
      rmSync(join(house.root, 'layers', layer), { recursive: true })
      const report = await storage.check()
      expect(report.findings.map(({ kind, state }) => [kind, state])).toEqual([
        ['blob-missing', 'pull'],
        ['layer-missing', 'pull'],
      ])
      await storage.check({ repair: true })
      await storeImage(storage, a, image)
      expect(await storage.check({ full: true })).toMatchObject({ findings: [], healthy: true })
    })
  })
})

describe('a damaged database', () => {
  test.each([
    ['overwritten in its middle', (path: string): void => scribble(path)],
    ['cut off', (path: string): void => truncateSync(path, 5000)],
    ['no database at all', (path: string): void => writeFileSync(path, 'x'.repeat(100_000))],
    ['gone', (path: string): void => rmSync(path)],
  ])('%s, is made again of what is on the disk', async (_, damage) => {
    using place = scratch()
    const root = join(place.path, 'root')
    {
      await using storage = await place.open()
      await storeImage(storage, a, image)
    }
    const path = join(root, 'storage.db')
    for (const suffix of ['-wal', '-shm']) expect(existsSync(path + suffix)).toBe(false)
    damage(path)
    const report = await rebuildStorage(
      { namespace: testExecutor },
      { root, runRoot: join(place.path, 'run'), driver: 'vfs', minFreeBytes: 0 },
    )
    expect(report).toMatchObject({ healthy: true, images: 1 })
    await using storage = await place.open()
    expect(storage.findImage(image.config.digest)?.layers).toHaveLength(2)
    expect(await storage.check({ full: true })).toMatchObject({ findings: [], healthy: true })
    const { rootfs } = await storage.prepareSnapshot('k', { image: image.config.digest })
    expect(readdirSync(join(rootfs, 'etc'))).toEqual(['a', 'b'])
    await storeImage(storage, a, image)
    expect(storage.findImage(a)?.id).toBe(image.config.digest)
  })
})

async function inHouse(work: (storage: Storage, house: House) => Promise<void>): Promise<void> {
  using place = scratch()
  await using storage = await place.open()
  const id = await storeImage(storage, a, image)
  await storage.prepareSnapshot('k', { image: id })
  const sql = async (statements: string): Promise<void> => {
    using database = await openDatabase(join(storage.root, 'storage.db'), storageSchema)
    database.sqlite.exec(`PRAGMA foreign_keys = OFF; ${statements}`)
  }
  await work(storage, { place, root: storage.root, image, sql })
}

function kindsOf({ findings }: CheckReport): string[] {
  return findings.map(({ kind }) => kind)
}

function links({ root }: House): string[] {
  return readdirSync(join(root, 'l')).map((name) => join(root, 'l', name))
}

function relink(path: string): void {
  rmSync(path)
  symlinkSync('/nowhere', path)
}

function flip(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.byteLength - 1] = (bytes.at(-1) ?? 0) ^ 1
  writeFileSync(path, bytes)
}

/** As a disk does it: the times stay. */
function changeInPlace(path: string): void {
  writeFileSync(path, 'bbbb')
  expect(lstatSync(path).size).toBe(4)
}

function scribble(path: string): void {
  const bytes = readFileSync(path)
  bytes.fill(0xaa, Math.floor(bytes.byteLength / 2), Math.floor(bytes.byteLength / 2) + 12_288)
  writeFileSync(path, bytes)
}
