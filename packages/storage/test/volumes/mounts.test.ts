import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { code } from '../fixtures/assertions.ts'
import { type VolumeHouse, volumeHouse } from '../fixtures/volumes.ts'

const tmpfs = { type: 'tmpfs', o: 'size=1m,mode=1777' }

/** A container that is there and runs. */
function start({ holders }: VolumeHouse, id: string): string {
  holders.known.add(id)
  holders.active.add(id)
  return id
}

const mountsIn = (house: VolumeHouse): Promise<string> => house.shell(`grep -c ${house.root} /proc/self/mountinfo || :`)

describe('a volume in memory', () => {
  test('is one for all who have it mounted, and gone with the last', async () => {
    await using house = volumeHouse()
    const { volumes } = house
    const { path } = await volumes.create({ name: 'data', options: tmpfs })
    expect(await volumes.mount('data', start(house, 'c1'))).toBe(path)
    await house.shell(`echo x > ${path}/file`)
    expect(await volumes.mount('data', start(house, 'c2'))).toBe(path)
    expect(await house.shell(`stat -fc %T ${path}; stat -c %a ${path}; cat ${path}/file`)).toBe('tmpfs\n1777\nx')
    expect(await mountsIn(house)).toBe('1')
    expect(await volumes.unmount('data', 'c1')).toBe(true)
    expect(await volumes.unmount('data', 'c1')).toBe(false)
    expect(await house.shell(`cat ${path}/file`)).toBe('x')
    expect(await volumes.unmount('data', 'c2')).toBe(true)
    expect(await mountsIn(house)).toBe('0')
    await volumes.mount('data', 'c1')
    expect(await house.shell(`ls ${path}`)).toBe('')
  })

  test('of somebody who was killed starts anew', async () => {
    await using house = volumeHouse()
    const { volumes, holders } = house
    const { path } = await volumes.create({ name: 'data', options: tmpfs })
    await volumes.mount('data', start(house, 'killed'))
    await house.shell(`echo x > ${path}/file`)
    holders.active.delete('killed')
    await volumes.mount('data', start(house, 'c2'))
    expect(await house.shell(`ls ${path}`)).toBe('')
    expect(await mountsIn(house)).toBe('1')
    expect(await volumes.unmount('data', 'c2')).toBe(true)
    expect(await mountsIn(house)).toBe('0')
  })

  test('is not removed while it is mounted, and is taken down when it is', async () => {
    await using house = volumeHouse()
    const { volumes, holders } = house
    await volumes.create({ name: 'data', options: tmpfs })
    await volumes.mount('data', start(house, 'c1'))
    await expect(volumes.remove('data')).rejects.toSatisfy(code('ERR_VOLUME_IN_USE'))
    await expect(volumes.rename('data', 'other')).rejects.toSatisfy(code('ERR_VOLUME_IN_USE'))
    holders.active.delete('c1')
    holders.known.delete('c1')
    await volumes.remove('data')
    expect(await mountsIn(house)).toBe('0')
    expect(readdirSync(join(house.root, 'volumes/.trash'))).toEqual([])
  })

  test('holds no more than it is given', async () => {
    await using house = volumeHouse()
    const { path } = await house.volumes.create({ name: 'data', options: tmpfs })
    await house.volumes.mount('data', start(house, 'c1'))
    expect(await house.shell(`head -c 2000000 /dev/zero > ${path}/big || echo full`)).toBe('full')
  })
})

describe('a volume that is a directory of the host', () => {
  test('shows it, and can be read-only', async () => {
    await using house = volumeHouse()
    const device = join(house.path, 'host')
    mkdirSync(device)
    writeFileSync(join(device, 'file'), 'host')
    const { path } = await house.volumes.create({ name: 'data', options: { type: 'none', device, o: 'bind,ro' } })
    await house.volumes.mount('data', start(house, 'c1'))
    expect(await house.shell(`cat ${path}/file; echo x > ${path}/file || echo refused`)).toBe('hostrefused')
    await house.volumes.unmount('data', 'c1')
    await house.volumes.remove('data').catch(() => undefined)
    expect(readdirSync(device)).toEqual(['file'])
  })

  test('that is not there says so when it is to be mounted', async () => {
    await using house = volumeHouse()
    await house.volumes.create({ name: 'data', options: { type: 'none', device: join(house.path, 'nowhere'), o: 'bind' } })
    await expect(house.volumes.mount('data', start(house, 'c1'))).rejects.toMatchObject({
      code: 'ERR_VOLUME_MOUNT',
      message: expect.stringMatching(/cannot mount the volume data .*nowhere.*(no such|not exist)/i) as string,
    })
    expect(await house.volumes.unmount('data', 'c1')).toBe(false)
    house.holders.known.clear()
    await house.volumes.remove('data')
  })

  test('is exported, and cloned into a directory of ours', async () => {
    await using house = volumeHouse()
    const device = join(house.path, 'host')
    mkdirSync(device)
    writeFileSync(join(device, 'file'), 'host')
    await house.volumes.create({ name: 'data', options: { device, o: 'bind' } })
    const clone = await house.volumes.clone('data', 'copy')
    expect(clone.options).toEqual({})
    expect(await house.shell(`cat ${clone.path}/file`)).toBe('host')
    await house.volumes.create({ name: 'other' })
    await house.volumes.import('other', house.volumes.export('data'))
    expect(await house.shell(`cat ${house.root}/volumes/other/_data/file`)).toBe('host')
    expect(await mountsIn(house)).toBe('0')
  })
})

test('a plain volume is mounted by being there', async () => {
  await using house = volumeHouse()
  const { path } = await house.volumes.create({ name: 'data' })
  expect(await house.volumes.mount('data', start(house, 'c1'))).toBe(path)
  expect(await house.volumes.unmount('data', 'c1')).toBe(false)
  await expect(house.volumes.mount('gone', 'c1')).rejects.toSatisfy(code('ERR_VOLUME_NOT_FOUND'))
})
