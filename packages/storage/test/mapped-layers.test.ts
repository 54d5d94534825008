import { readTar } from '@podwright/archive'
import { runTool } from '@podwright/linux'
import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { code } from './fixtures/assertions.ts'
import { isRoot } from './fixtures/host.ts'
import { imageOf, storeImage, tar } from './fixtures/image.ts'
import { scratch } from './fixtures/scratch.ts'

if (!isRoot) process.stderr.write('skipped, layers under other ids: only root has other ids outside of a user namespace\n')

const a = 'example.org/a:1'
/** As `--userns keep-id` of the user 1000 has it. */
const map = [
  { containerId: 0, hostId: 1, size: 1000 },
  { containerId: 1000, hostId: 0, size: 1 },
  { containerId: 1001, hostId: 1001, size: 64_536 },
]
const idMap = { uids: map, gids: map }
const owned = (uid: number, gid = uid): { readonly uid: number; readonly gid: number } => ({ uid, gid })
const image = imageOf([
  tar([
    { name: './', ...owned(7) },
    { name: 'etc/', ...owned(0) },
    { name: 'etc/gone', content: 'x' },
    { name: 'etc/user', content: 'of the user', ...owned(1000, 50), mode: 0o4755 },
    { name: 'etc/hard', type: 'hardlink', linkName: 'etc/user' },
    { name: 'etc/far', content: 'y', ...owned(1001) },
  ]),
  tar([{ name: 'etc/' }, { name: 'etc/.wh.gone' }]),
])

describe.skipIf(!isRoot).each(['overlay', 'vfs'])('with the driver %s, layers under other ids', (driver) => {
  test('are seen in a snapshot, and undone in what becomes of it', async () => {
    using place = scratch()
    await using storage = await place.open({ driver })
    const id = await storeImage(storage, a, image)
    await Promise.all(['one', 'two'].map((key) => storage.prepareSnapshot(key, { image: id, idMap })))
    const { path } = await storage.mountSnapshot('one', { owner: 'test' })
    const ownerOf = (name: string): readonly number[] => {
      const { uid, gid, mode } = lstatSync(join(path, name))
      return [uid, gid, mode & 0o7777]
    }
    expect(ownerOf('.').slice(0, 2)).toEqual([8, 8])
    expect(ownerOf('etc').slice(0, 2)).toEqual([1, 1])
    expect(ownerOf('etc/user')).toEqual([0, 51, 0o4755])
    expect(lstatSync(join(path, 'etc/hard')).ino).toBe(lstatSync(join(path, 'etc/user')).ino)
    expect(ownerOf('etc/far').slice(0, 2)).toEqual([1001, 1001])
    expect(existsSync(join(path, 'etc/gone'))).toBe(false)
    await runTool('sh', ['-c', 'echo > etc/new; chown 0:1 etc/new; echo > etc/other; chown 33:33 etc/other'], { cwd: path })
    await storage.unmountSnapshot('one', { owner: 'test' })
    expect(await storage.diffTree({ snapshot: 'one' })).toEqual([
      { kind: 'changed', path: '/etc' },
      { kind: 'added', path: '/etc/new' },
      { kind: 'added', path: '/etc/other' },
    ])
    const made = await storage.commitSnapshot('one')
    const owners: Record<string, readonly number[]> = {}
    for await (const { name, uid, gid } of readTar(storage.exportTree({ image: made.id })))
      owners[Buffer.from(name).toString()] = [uid, gid]
    expect(owners).toMatchObject({ 'etc/': [0, 0], 'etc/new': [1000, 0], 'etc/other': [32, 32], 'etc/user': [1000, 50] })
    expect(await storage.check({ full: true })).toMatchObject({ findings: [], healthy: true })
  })

  test('are mounted apart from the image as it is, each map once for all who read', async () => {
    using place = scratch()
    await using storage = await place.open({ driver })
    const id = await storeImage(storage, a, image)
    const plain = await storage.mountImage(id, { owner: 'plain' })
    const one = await storage.mountImage(id, { owner: 'one', idMap })
    const two = await storage.mountImage(id, { owner: 'two', idMap })
    const own = await storage.mountImage(id, { owner: 'own', idMap, readOnly: false })
    expect(two.path).toBe(one.path)
    expect(new Set([plain.path, one.path, own.path]).size).toBe(3)
    const owners = [plain, one, own].map(({ path }) => lstatSync(join(path, 'etc/user')).uid)
    expect(owners).toEqual([1000, 0, 0])
    for (const owner of ['plain', 'one', 'two', 'own']) await storage.unmountImage(id, { owner })
    expect(await storage.listMounts()).toEqual([])
  })

  test('are there once for all snapshots, and go with their layer', async () => {
    using place = scratch()
    await using storage = await place.open({ driver })
    const id = await storeImage(storage, a, image)
    const mapped = (): string[] => readdirSync(join(storage.root, 'mapped'))
    await Promise.all(['one', 'two'].map((key) => storage.prepareSnapshot(key, { image: id, idMap })))
    expect(mapped()).toHaveLength(driver === 'vfs' ? 0 : 1)
    await storage.prepareSnapshot('plain', { image: id })
    const other = { uids: [{ containerId: 0, hostId: 5000, size: 2000 }], gids: map }
    await storage.prepareSnapshot('other', { image: id, idMap: other })
    expect(mapped()).toHaveLength(driver === 'vfs' ? 0 : 2)
    // What somebody who was killed has left.
    mkdirSync(join(storage.root, 'mapped', `${'0'.repeat(64)}-0123456789abcdef.half/diff`), { recursive: true })
    await storage.collectGarbage({ minAgeMs: 0 })
    expect(mapped()).toHaveLength(driver === 'vfs' ? 0 : 2)
    for (const key of ['one', 'two', 'plain', 'other']) await storage.removeSnapshot(key)
    await storage.removeName(a)
    await storage.collectGarbage({ minAgeMs: 0 })
    expect(mapped()).toEqual([])
  })

  test('that the map has no place for are an error, and nothing is left', async () => {
    using place = scratch()
    await using storage = await place.open({ driver })
    const id = await storeImage(storage, a, image)
    const small = [{ containerId: 0, hostId: 0, size: 1 }]
    await expect(storage.prepareSnapshot('k', { image: id, idMap: { uids: small, gids: small } })).rejects.toSatisfy(
      code('ERR_SNAPSHOT_ID_MAP'),
    )
    expect(storage.listSnapshots()).toEqual([])
    expect(readdirSync(join(storage.root, 'mapped'))).toEqual([])
  })
})
