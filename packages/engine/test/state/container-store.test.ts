import type { ContainerLogging } from '@podwright/contracts'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resolveSettings } from '../../src/containers/settings.ts'
import { type ContainerStore, openContainerStore } from '../../src/state/container-store.ts'
import { newRotation } from '../../src/state/keeping.ts'
import type { ContainerRecord } from '../../src/state/record.ts'

let directory: string
let store: ContainerStore
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'store-'))
  store = await openContainerStore(join(directory, 'engine.db'))
})
afterEach(() => {
  store[Symbol.dispose]()
  rmSync(directory, { recursive: true, force: true })
})

function record(id: string, name: string): ContainerRecord {
  const settings = resolveSettings(
    { image: 'web', command: ['true'], labels: { a: 'b' } },
    { id, config: { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } }, hostHostname: 'machine' },
  )
  return {
    id,
    name,
    imageId: 'sha256:1',
    imageName: 'docker.io/library/web:latest',
    createdAt: 1000,
    args: settings.args,
    labels: settings.labels,
    network: 'private',
    ports: [],
    mounts: settings.mounts,
    autoRemove: true,
    desired: 'created',
    status: 'created',
    pid: 0,
    pidStart: 0,
    monitorPid: 0,
    monitorStart: 0,
    bootId: '',
    exitCode: undefined,
    startedAt: undefined,
    finishedAt: undefined,
    error: undefined,
    runtime: '',
    settings,
  }
}

describe('the container store', () => {
  test('whose log is rotated is kept, without anything to restart; and whose log a file is', async () => {
    const plain = record('a1', 'web')
    const logged = (id: string, logging: ContainerLogging): ContainerRecord => {
      const settings = { ...plain.settings, logging }
      return { ...plain, id, name: id, settings, rotation: newRotation(settings) }
    }
    for (const each of [
      plain,
      logged('b2', { path: '/x', maximumBytes: 10 }),
      logged('c3', { path: '/x' }),
      logged('d4', { driver: 'none' }),
    ]) {
      await store.insert({ ...each, desired: 'running' })
    }
    expect(store.kept().map(({ id, keeping, rotation }) => ({ id, keeping, rotation }))).toEqual([
      { id: 'b2', keeping: undefined, rotation: { path: '/x', maximumBytes: 10, maximumFiles: undefined } },
    ])
    expect(store.list().filter(({ rotation }) => rotation !== undefined)).toHaveLength(1)
    expect(store.logsTo('/x')).toEqual([
      { name: 'b2', rotated: true },
      { name: 'c3', rotated: false },
    ])
    expect(store.logsTo('/y')).toEqual([])
  })

  test('renames, unless another one has the name', async () => {
    await store.insert(record('a1', 'web'))
    await store.insert(record('b2', 'db'))
    await store.rename('a1', 'front', 10)
    expect(store.findByName('front')?.id).toBe('a1')
    await store.rename('a1', 'front', 11)
    await expect(store.rename('a1', 'db', 12)).rejects.toMatchObject({ code: 'ERR_CONTAINER_NAME_IN_USE', details: { id: 'b2' } })
    expect(store.get('a1')?.name).toBe('front')
  })

  test('gives back what was put in', async () => {
    const added = record('a1', 'web')
    await store.insert(added)
    expect(store.get('a1')).toEqual(JSON.parse(JSON.stringify(added)))
    expect(store.findByName('web')?.id).toBe('a1')
    const { settings: _settings, ...row } = added
    expect(store.list()).toEqual([row])
  })

  test('a taken name is refused, and names who has it', async () => {
    await store.insert(record('a1', 'web'))
    await expect(store.insert(record('a2', 'web'))).rejects.toMatchObject({
      code: 'ERR_CONTAINER_NAME_IN_USE',
      details: { name: 'web', id: 'a1' },
    })
  })

  test('of two processes that want one name, one gets it', async () => {
    using other = await openContainerStore(join(directory, 'engine.db'))
    const results = await Promise.allSettled([store.insert(record('a1', 'web')), other.insert(record('a2', 'web'))])
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('changes are seen by others, and undefined takes a value away', async () => {
    await store.insert(record('a1', 'web'))
    await store.update('a1', { status: 'exited', exitCode: 3, error: 'no', finishedAt: 5 })
    using other = await openContainerStore(join(directory, 'engine.db'))
    expect(other.get('a1')).toMatchObject({ status: 'exited', exitCode: 3, error: 'no', finishedAt: 5 })
    await other.update('a1', { exitCode: undefined, error: undefined })
    expect(store.get('a1')).toMatchObject({ exitCode: undefined, error: undefined })
  })

  test('prefixes find ids, and no pattern gets through', async () => {
    await store.insert(record('abc1', 'one'))
    await store.insert(record('abd2', 'two'))
    expect(store.idsByPrefix('ab')).toEqual(['abc1', 'abd2'])
    expect(store.idsByPrefix('abc')).toEqual(['abc1'])
  })

  test('an exit code outlives the container', async () => {
    await store.insert(record('a1', 'web'))
    await store.beginRemoval('a1', { exitCode: 7, finishedAt: 1000, isNew: true })
    expect(store.get('a1')?.status).toBe('removing')
    await store.remove('a1', 1001)
    expect(store.get('a1')).toBeUndefined()
    expect(store.exitOf('a1')).toBe(7)
  })

  test('what happens to a container is on record with it, as the container was then', async () => {
    const before = store.lastEvent()
    await store.insert({ ...record('a1', 'web'), labels: { tier: 'front', name: 'a label' } })
    await store.update('a1', { status: 'running', startedAt: 2 }, { action: 'start', time: 2 })
    await store.rename('a1', 'shop', 3)
    await store.beginRemoval('a1', { exitCode: 7, finishedAt: 4, isNew: true })
    await store.beginRemoval('a1', { exitCode: 7, finishedAt: 4, isNew: false })
    await store.remove('a1', 5)
    // Nothing is told of one that is gone.
    await store.noteContainer('a1', { action: 'kill', time: 6 })
    const events = store.eventsAfter(before)
    expect(events.map(({ action, time }) => [action, time])).toEqual([
      ['create', record('a1', 'web').createdAt],
      ['start', 2],
      ['rename', 3],
      ['died', 4],
      ['remove', 5],
    ])
    expect(events.every(({ type, subject }) => type === 'container' && subject === 'a1')).toBe(true)
    expect(events[0]?.attributes).toMatchObject({ tier: 'front', name: 'web' })
    expect(events[2]?.attributes).toMatchObject({ name: 'shop', oldName: 'web' })
    expect(events[3]?.attributes).toMatchObject({ name: 'shop', exitCode: '7' })
  })

  test('a deed that is done does not fail because it can’t be told', async ({ skip }) => {
    const disk = join(directory, 'disk')
    mkdirSync(disk)
    skip(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk]).status !== 0, 'needs root, to mount a file system')
    try {
      using small = await openContainerStore(join(disk, 'engine.db'))
      await small.insert(record('a1', 'web'))
      expect(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(2 ** 23))).toThrow('ENOSPC')
      for (let count = 0; count < 100; count++) {
        await small.noteContainer('a1', { action: 'kill', time: count, attributes: { signal: 'x'.repeat(6000) } })
        await small.note({ type: 'volume', action: 'create', subject: 'x'.repeat(6000), time: count })
      }
      expect(small.lastEvent()).toBeLessThan(200)
      // What makes room still has all of the reserve.
      await small.beginRemoval('a1', { exitCode: 0, finishedAt: 1, isNew: true })
      await small.remove('a1', 2)
      expect(small.get('a1')).toBeUndefined()
    } finally {
      spawnSync('umount', ['--lazy', disk])
    }
  })

  test('a name that is refused leaves no event', async () => {
    await store.insert(record('a1', 'web'))
    const before = store.lastEvent()
    await store.insert(record('a2', 'web')).catch(() => undefined)
    expect(store.lastEvent()).toBe(before)
  })

  test('the last ten thousand events are kept', async () => {
    using database = new DatabaseSync(join(directory, 'engine.db'))
    const insert = database.prepare(
      "INSERT INTO events (time, type, action, subject, attributes) VALUES (1, 'volume', 'create', 'v', '{}')",
    )
    database.exec('BEGIN IMMEDIATE')
    for (let count = 0; count < 10_500; count++) insert.run()
    database.exec('COMMIT')
    for (let count = 0; count < 256; count++) await store.note({ type: 'volume', action: 'create', subject: 'v', time: 2 })
    const [{ count } = {}] = database.prepare('SELECT count(*) AS count FROM events').all()
    expect(Number(count)).toBeGreaterThanOrEqual(10_000)
    expect(Number(count)).toBeLessThanOrEqual(10_256)
  })
})
