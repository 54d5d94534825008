import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { code } from '../fixtures/assertions.ts'
import { volumeHouse } from '../fixtures/volumes.ts'

describe('a volume', () => {
  test('is a directory, whatever the umask, and is found by its name', async () => {
    await using house = volumeHouse()
    const { volumes } = house
    const before = process.umask(0o077)
    const made = await volumes.create({ name: 'data', labels: { tier: 'front', '': 'x' } }).finally(() => process.umask(before))
    expect(made).toMatchObject({
      name: 'data',
      driver: 'local',
      scope: 'local',
      options: {},
      anonymous: false,
      needsCopyUp: true,
      holders: [],
    })
    expect(made.path).toBe(join(house.root, 'volumes/data/_data'))
    expect(statSync(made.path).mode & 0o7777).toBe(0o755)
    expect(volumes.find('data')).toEqual(made)
    expect(volumes.list()).toEqual([made])
    expect(house.open().list()).toEqual([made])
  })

  test('without a name has 64 digits, a beginning of which will do', async () => {
    await using house = volumeHouse()
    const { name, anonymous } = await house.volumes.create()
    expect(name).toMatch(/^[0-9a-f]{64}$/)
    expect(anonymous).toBe(true)
    expect(house.volumes.find(name.slice(0, 8))?.name).toBe(name)
    await house.volumes.create({ name: 'database' })
    expect(house.volumes.find('data')).toBeUndefined()
  })

  test('is gone when it was removed, and so is all that it had', async () => {
    await using house = volumeHouse()
    const { path } = await house.volumes.create({ name: 'data' })
    mkdirSync(join(path, 'closed'), { mode: 0o000 })
    await house.shell(`cd ${path} && mkdir deep && echo x > deep/file && chown -R 33:33 deep . && chmod 0700 deep .`)
    await house.volumes.remove('data')
    expect(house.volumes.find('data')).toBeUndefined()
    expect(readdirSync(join(house.root, 'volumes'))).toEqual(['.trash'])
    expect(readdirSync(join(house.root, 'volumes/.trash'))).toEqual([])
    await expect(house.volumes.remove('data')).rejects.toSatisfy(code('ERR_VOLUME_NOT_FOUND'))
  })

  test('has one maker of several at once', async () => {
    await using house = volumeHouse()
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => house.open().create({ name: 'data' })))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const reasons = tries.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    expect(reasons.every(code('ERR_VOLUME_EXISTS'))).toBe(true)
    const same = await Promise.all(Array.from({ length: 8 }, () => house.open().create({ name: 'more', existing: 'same' })))
    expect(new Set(same.map(({ createdAt }) => createdAt.getTime())).size).toBe(1)
  })

  test('of the same name is given only if it is the same', async () => {
    await using house = volumeHouse()
    await house.volumes.create({ name: 'data', options: { uid: '7' }, labels: { a: '1' } })
    const again = { name: 'data', existing: 'same' } as const
    await house.volumes.create(again)
    await house.volumes.create({ ...again, options: { uid: '7' }, labels: { a: '1' } })
    await expect(house.volumes.create({ ...again, options: { uid: '8' } })).rejects.toThrow(/its options are others/)
    await expect(house.volumes.create({ ...again, labels: {} })).rejects.toThrow(/its labels are others/)
    await house.volumes.create({ ...again, existing: 'any', options: { uid: '8' } })
    await expect(house.volumes.create({ name: 'data' })).rejects.toSatisfy(code('ERR_VOLUME_EXISTS'))
  })

  test.each(['', '.', '..', '.trash', 'a/b', '../x', '-rf', 'a b', 'a\0b', 'a\n', 'é', 'a'.repeat(256), '_data'])(
    'can not be called %j',
    async (name) => {
      await using house = volumeHouse()
      await expect(house.volumes.create({ name })).rejects.toSatisfy(code('ERR_VOLUME_NAME'))
      expect(house.volumes.find(name)).toBeUndefined()
      await expect(house.volumes.remove(name)).rejects.toSatisfy(code('ERR_VOLUME_NOT_FOUND'))
      await expect(house.volumes.hold(name, 'x')).rejects.toSatisfy(code('ERR_VOLUME_NOT_FOUND'))
    },
  )

  test('can have a name as long as a directory can', async () => {
    await using house = volumeHouse()
    await house.volumes.create({ name: 'a'.repeat(255) })
    expect(house.volumes.list().map(({ name }) => name.length)).toEqual([255])
  })

  test('whose record is damaged is left out of the list, and says why when it is named', async () => {
    await using house = volumeHouse()
    const { path } = await house.volumes.create({ name: 'data' })
    await house.volumes.create({ name: 'well' })
    writeFileSync(join(path, '../.volume.json'), '{"version":1,')
    expect(house.volumes.list().map(({ name }) => name)).toEqual(['well'])
    expect(() => house.volumes.find('data')).toThrow(/cannot read the volume's record .*JSON/)
    await house.volumes.sweep()
    expect(existsSync(path)).toBe(true)
  })
})

describe('who uses a volume', () => {
  test('keeps it', async () => {
    await using house = volumeHouse()
    const { volumes, holders } = house
    holders.known.add('c1').add('c2')
    await volumes.create({ name: 'data', holder: 'c1' })
    await volumes.hold('data', 'c2')
    await volumes.hold('data', 'c2')
    expect(volumes.find('data')?.holders).toEqual(['c1', 'c2'])
    await expect(volumes.remove('data')).rejects.toMatchObject({ code: 'ERR_VOLUME_IN_USE', details: { holders: ['c1', 'c2'] } })
    await volumes.release('data', 'c1')
    await volumes.release('data', 'never')
    await volumes.release('gone', 'c1')
    await expect(volumes.remove('data')).rejects.toSatisfy(code('ERR_VOLUME_IN_USE'))
    await volumes.release('data', 'c2')
    await volumes.remove('data')
  })

  test('and never came to be, does not', async () => {
    await using house = volumeHouse()
    await house.volumes.create({ name: 'data', holder: 'killed' })
    expect(house.volumes.find('data')?.holders).toEqual([])
    await house.volumes.remove('data')
  })
})

describe('a rename', () => {
  test('takes content, labels and all along', async () => {
    await using house = volumeHouse()
    const { path } = await house.volumes.create({ name: 'old', labels: { a: '1' } })
    writeFileSync(join(path, 'file'), 'kept')
    const renamed = await house.volumes.rename('old', 'new')
    expect(readFileSync(join(renamed.path, 'file'), 'utf8')).toBe('kept')
    expect(house.volumes.find('old')).toBeUndefined()
    expect(house.volumes.find('new')).toEqual(renamed)
    expect(renamed.labels).toEqual({ a: '1' })
  })

  test('takes no other volume’s name, nor a container’s volume', async () => {
    await using house = volumeHouse()
    await house.volumes.create({ name: 'a' })
    await house.volumes.create({ name: 'b' })
    await expect(house.volumes.rename('a', 'b')).rejects.toSatisfy(code('ERR_VOLUME_EXISTS'))
    await expect(house.volumes.rename('a', '../b')).rejects.toSatisfy(code('ERR_VOLUME_NAME'))
    await expect(house.volumes.rename('c', 'd')).rejects.toSatisfy(code('ERR_VOLUME_NOT_FOUND'))
    house.holders.known.add('c1')
    await house.volumes.hold('a', 'c1')
    await expect(house.volumes.rename('a', 'c')).rejects.toSatisfy(code('ERR_VOLUME_IN_USE'))
    expect(house.volumes.list().map(({ name }) => name)).toEqual(['a', 'b'])
  })

  test('gives an anonymous volume a name that somebody chose', async () => {
    await using house = volumeHouse()
    const { name } = await house.volumes.create()
    expect((await house.volumes.rename(name, 'chosen')).anonymous).toBe(false)
    expect(house.volumes.find('chosen')?.anonymous).toBe(false)
  })
})
