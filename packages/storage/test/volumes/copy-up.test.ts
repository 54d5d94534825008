import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { copyUp } from '../../src/volumes/tasks/copy-up.ts'
import { copyUpTask } from '../../src/volumes/tasks.ts'
import { isRoot } from '../fixtures/host.ts'
import { testExecutor } from '../fixtures/test-executor.ts'
import { type VolumeHouse, volumeHouse } from '../fixtures/volumes.ts'

const look = `stat -c '%a %u:%g %y' . && find . -mindepth 1 -printf '%p %y %m %U:%G %l %T+\\n' | sort`

/** A tree as an image has one; where its content is, and what a volume is given of it. */
async function tree(house: VolumeHouse): Promise<string> {
  const rootfs = join(house.path, 'rootfs')
  mkdirSync(rootfs)
  await house.shell(`cd ${rootfs} && mkdir -p srv/data/deep empty && echo one > srv/data/deep/file && ln -s deep srv/data/link
    chown -R 33:34 srv/data && chmod 2750 srv/data && chown 7:8 empty && chmod 0700 empty && touch -d 2001-02-03 srv/data/deep/file srv/data
    ln -s ../../../../../../../../..${house.path}/outside away && ln -s srv/data alias && echo f > file`)
  mkdirSync(join(house.path, 'outside'))
  writeFileSync(join(house.path, 'outside/secret'), '')
  return rootfs
}

describe('an empty volume', () => {
  test.each(['/srv/data', '/alias', '/srv/../srv/data/', '//srv/data'])('takes what an image has in %s', async (path) => {
    await using house = volumeHouse()
    const rootfs = await tree(house)
    const volume = await house.volumes.create({ name: 'data', holder: 'c1' })
    expect(await house.volumes.copyUp('data', 'c1', { rootfs, mounts: [], path })).toBe(true)
    expect(await house.shell(`cd ${volume.path} && ${look}`)).toBe(await house.shell(`cd ${rootfs}/srv/data && ${look}`))
    expect(house.volumes.find('data')?.needsCopyUp).toBe(false)
    expect(await house.volumes.copyUp('data', 'c1', { rootfs, mounts: [], path })).toBe(false)
  })

  test('takes owner and mode of an empty directory', async () => {
    await using house = volumeHouse()
    const rootfs = await tree(house)
    const { path } = await house.volumes.create({ name: 'data' })
    await house.volumes.copyUp('data', 'c1', { rootfs, mounts: [], path: '/empty' })
    expect(await house.shell(`stat -c '%a %u:%g' ${path}`)).toBe('700 7:8')
  })

  test.skipIf(!isRoot)('is left to whoever is at it, when the client was killed before its worker began', async () => {
    await using house = volumeHouse()
    const rootfs = await tree(house)
    const { path } = await house.volumes.create({ name: 'data' })
    const part = join(path, '../.copy-up.part.1234abcd')
    mkdirSync(part)
    const staging = { part: join(path, '../.copy-up.part'), complete: join(path, '../.copy-up') }
    const args = { tree: { rootfs, mounts: [] }, path: '/srv/data', target: path, staging, durable: false, minFreeBytes: 0 }
    const gone = new AbortController()
    gone.abort(new Error('the client is gone'))
    await expect(copyUp(args, { signal: gone.signal })).rejects.toThrow('the client is gone')
    expect(existsSync(part)).toBe(true)
  })

  test('is filled once by two at a time', async () => {
    await using house = volumeHouse()
    const rootfs = await tree(house)
    await house.shell(`cd ${rootfs}/srv/data && for i in $(seq 600); do echo $i > $i; done`)
    const { path } = await house.volumes.create({ name: 'data' })
    const staging = { part: join(path, '../.copy-up.part'), complete: join(path, '../.copy-up') }
    const args = { tree: { rootfs, mounts: [] }, path: '/srv/data', target: path, staging, durable: false, minFreeBytes: 0 }
    const both = await Promise.all([testExecutor.run(copyUpTask, args), testExecutor.run(copyUpTask, args)])
    expect(both.toSorted()).toEqual(['copied', 'not-empty'])
    expect(await house.shell(`ls ${path} | grep -c '^[0-9]*$'`)).toBe('600')
    expect(readdirSync(join(path, '..')).filter((name) => name.startsWith('.copy-up'))).toEqual([])
  })

  test('has nothing beside it when the copy is called off', async () => {
    await using house = volumeHouse()
    const rootfs = await tree(house)
    await house.shell(`cd ${rootfs}/srv/data && for i in $(seq 2000); do echo $i > $i; done`)
    const { path } = await house.volumes.create({ name: 'data' })
    const beside = (): string[] => readdirSync(join(path, '..')).filter((name) => name.startsWith('.copy-up'))
    const staging = { part: join(path, '../.copy-up.part'), complete: join(path, '../.copy-up') }
    const args = { tree: { rootfs, mounts: [] }, path: '/srv/data', target: path, staging, durable: false, minFreeBytes: 0 }
    const enough = new AbortController()
    const watching = setInterval(() => beside().length > 0 && enough.abort(new Error('enough')), 0)
    try {
      await expect(testExecutor.run(copyUpTask, args, { signal: enough.signal })).rejects.toThrow('enough')
    } finally {
      clearInterval(watching)
    }
    expect(beside()).toEqual([])
  })

  test.each(['/nowhere', '/file', '/away', '/srv/data/deep/file/x'])('stays as it is where there is no directory: %s', async (path) => {
    await using house = volumeHouse()
    const rootfs = await tree(house)
    const volume = await house.volumes.create({ name: 'data' })
    expect(await house.volumes.copyUp('data', 'c1', { rootfs, mounts: [], path })).toBe(false)
    expect(readdirSync(volume.path)).toEqual([])
    // Another image may have one.
    expect(house.volumes.find('data')?.needsCopyUp).toBe(true)
  })

  test('of a tree that has to be mounted', async () => {
    await using house = volumeHouse()
    const rootfs = await tree(house)
    const merged = join(house.path, 'merged')
    mkdirSync(merged)
    const { path } = await house.volumes.create({ name: 'data' })
    const mounts = [{ type: 'bind', source: rootfs, target: merged, options: ['bind'] }]
    expect(await house.volumes.copyUp('data', 'c1', { rootfs: merged, mounts, path: '/srv/data' })).toBe(true)
    expect(await house.shell(`cat ${path}/deep/file; ls ${merged}`)).toBe('one')
  })
})

describe('nothing is copied', () => {
  test('into a volume that has something, nor ever again', async () => {
    await using house = volumeHouse()
    const rootfs = await tree(house)
    const { path } = await house.volumes.create({ name: 'data' })
    writeFileSync(join(path, 'own'), '')
    expect(await house.volumes.copyUp('data', 'c1', { rootfs, mounts: [], path: '/srv/data' })).toBe(false)
    await house.shell(`rm ${path}/own`)
    expect(await house.volumes.copyUp('data', 'c1', { rootfs, mounts: [], path: '/srv/data' })).toBe(false)
    expect(readdirSync(path)).toEqual([])
  })

  test('with nocopy, into memory, or below the hands of another container', async () => {
    await using house = volumeHouse()
    const rootfs = await tree(house)
    const source = { rootfs, mounts: [], path: '/srv/data' }
    await house.volumes.create({ name: 'nocopy', options: { nocopy: '' } })
    await house.volumes.create({ name: 'memory', options: { type: 'tmpfs' } })
    await house.volumes.create({ name: 'busy' })
    house.holders.known.add('c1').add('c2')
    house.holders.active.add('c2')
    await house.volumes.hold('busy', 'c2')
    for (const name of ['nocopy', 'memory', 'busy']) expect(await house.volumes.copyUp(name, 'c1', source)).toBe(false)
    expect(house.volumes.find('busy')?.needsCopyUp).toBe(true)
    house.holders.active.clear()
    expect(await house.volumes.copyUp('busy', 'c1', source)).toBe(true)
  })
})

test('what has to be mounted is filled once it is', async () => {
  await using house = volumeHouse()
  const rootfs = await tree(house)
  const device = join(house.path, 'host')
  mkdirSync(device)
  await house.volumes.create({ name: 'data', options: { device, o: 'bind' } })
  const source = { rootfs, mounts: [], path: '/srv/data' }
  expect(await house.volumes.copyUp('data', 'c1', source)).toBe(false)
  house.holders.active.add('c1')
  await house.volumes.mount('data', 'c1')
  expect(await house.volumes.copyUp('data', 'c1', source)).toBe(true)
  expect(await house.shell(`cat ${device}/deep/file`)).toBe('one')
})

describe('a copy that was killed', () => {
  test('before it was complete is made again', async () => {
    await using house = volumeHouse()
    const rootfs = await tree(house)
    const { path } = await house.volumes.create({ name: 'data' })
    const part = join(path, '../.copy-up.part')
    mkdirSync(join(part, 'half'), { recursive: true })
    expect(await house.volumes.copyUp('data', 'c1', { rootfs, mounts: [], path: '/srv/data' })).toBe(true)
    expect(await house.shell(`ls ${path}`)).toBe('deep\nlink')
    expect(existsSync(part)).toBe(false)
  })

  test('while it was put in its place is gone on with', async () => {
    await using house = volumeHouse()
    const { path } = await house.volumes.create({ name: 'data' })
    const complete = join(path, '../.copy-up')
    mkdirSync(complete)
    writeFileSync(join(complete, 'second'), '')
    writeFileSync(join(path, 'first'), '')
    expect(await house.volumes.copyUp('data', 'c1', { rootfs: '/nowhere', mounts: [], path: '/' })).toBe(true)
    expect(readdirSync(path)).toEqual(['first', 'second'])
    expect(existsSync(complete)).toBe(false)
    expect(house.volumes.find('data')?.needsCopyUp).toBe(false)
  })
})
