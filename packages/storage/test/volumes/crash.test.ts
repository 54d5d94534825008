import type { VolumeStore } from '@podwright/contracts'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { isRoot } from '../fixtures/host.ts'
import { type VolumeHouse, volumeHouse } from '../fixtures/volumes.ts'

const files = 300

/** Runs a client, and kills it after some milliseconds of work; whether it was done before that. */
async function killed(house: VolumeHouse, words: readonly string[], afterMs: number): Promise<boolean> {
  const client = fork(join(import.meta.dirname, '../fixtures/volume-client.ts'), [house.root, ...words], {
    execArgv: ['-C', '@podwright/source'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const ended = once(client, 'exit')
  let done = false
  client.on('message', (message) => (done = message === 'done'))
  await once(client, 'message')
  await Promise.race([sleep(afterMs), ended])
  client.kill('SIGKILL')
  await ended
  return done
}

function image(house: VolumeHouse): string {
  const rootfs = join(house.path, 'rootfs')
  mkdirSync(join(rootfs, 'data/deep'), { recursive: true })
  for (let index = 0; index < files; index++) writeFileSync(join(rootfs, 'data/deep', String(index)), 'x'.repeat(index))
  return rootfs
}

function isWhole(directory: string): boolean {
  const names = readdirSync(join(directory, 'deep'))
  return names.length === files && names.every((name) => readFileSync(join(directory, 'deep', name)).length === Number(name))
}

/** After a sweep, what is in the directory of volumes is volumes. */
async function expectSound(house: VolumeHouse, volumes: VolumeStore): Promise<void> {
  await volumes.sweep()
  // One that was killed at once has made nothing at all.
  mkdirSync(join(house.root, 'volumes'), { recursive: true })
  const left = readdirSync(join(house.root, 'volumes')).filter((name) => name !== '.trash')
  expect(left.toSorted()).toEqual(volumes.list().map(({ name }) => name))
  expect(readdirSync(join(house.root, 'volumes')).includes('.trash') ? readdirSync(join(house.root, 'volumes/.trash')) : []).toEqual([])
}

// As a plain user every client would make a namespace of its own.
describe.skipIf(!isRoot)('kill -9', { timeout: 240_000 }, () => {
  // In milliseconds; the long lane has more.
  const moments = process.env['PODWRIGHT_CRASH_ROUNDS'] === undefined ? [5, 80, 300] : [0, 5, 20, 80, 300, 1200]

  test('while a volume is made: it is there, or it is not', async () => {
    await using house = volumeHouse()
    for (const moment of moments) {
      const done = await killed(house, ['create', 'data'], moment)
      const found = house.volumes.find('data')
      const owner = found === undefined ? undefined : await house.shell(`stat -c %u ${found.path}`)
      expect(done ? ['33'] : ['33', undefined]).toContain(owner)
      await expectSound(house, house.volumes)
      await house.volumes.create({ name: 'data', existing: 'any' })
      await house.volumes.remove('data')
    }
  })

  test('while content is copied up: the next one has all of it', async () => {
    await using house = volumeHouse()
    const rootfs = image(house)
    for (const moment of moments) {
      const { path } = await house.volumes.create({ name: 'data' })
      await killed(house, ['copy-up', 'data', rootfs], moment)
      await house.volumes.copyUp('data', 'c1', { rootfs, mounts: [], path: '/data' })
      expect(isWhole(path)).toBe(true)
      expect(house.volumes.find('data')?.needsCopyUp).toBe(false)
      // The worker of the killed one may be about to notice it.
      const what = { timeout: 10_000 }
      await expect.poll(() => readdirSync(join(path, '..')).toSorted(), what).toEqual(['.lock', '.volume.json', '_data'])
      await house.volumes.remove('data')
      await expectSound(house, house.volumes)
    }
  })

  test('while a volume is removed: it is whole, or it is gone', async () => {
    await using house = volumeHouse()
    const rootfs = image(house)
    for (const moment of moments) {
      const { path } = await house.volumes.create({ name: 'data' })
      cpSync(join(rootfs, 'data'), path, { recursive: true })
      await killed(house, ['remove', 'data'], moment)
      const isThere = house.volumes.find('data') !== undefined
      expect(!isThere || isWhole(path)).toBe(true)
      if (isThere) await house.volumes.remove('data')
      await expectSound(house, house.volumes)
      expect(house.volumes.list()).toEqual([])
    }
  })

  test('while a volume is cloned: there is a whole clone, or none', async () => {
    await using house = volumeHouse()
    const rootfs = image(house)
    const { path } = await house.volumes.create({ name: 'data' })
    cpSync(join(rootfs, 'data'), path, { recursive: true })
    for (const moment of moments) {
      await killed(house, ['clone', 'data'], moment)
      const clone = house.volumes.find('data-clone')
      expect(clone === undefined || isWhole(clone.path)).toBe(true)
      await expectSound(house, house.volumes)
      if (clone !== undefined) await house.volumes.remove('data-clone')
    }
    expect(isWhole(path)).toBe(true)
  })
})
