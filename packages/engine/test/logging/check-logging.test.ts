import type { ContainerLogging } from '@podwright/contracts'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { resolveSettings } from '../../src/containers/settings.ts'
import { checkLogging } from '../../src/logging/check-logging.ts'
import { describeLogging } from '../../src/logging/describe-logging.ts'
import { journalSocket } from '../../src/logging/journal.ts'
import { logTarget } from '../../src/logging/log-target.ts'
import { openContainerStore } from '../../src/state/container-store.ts'
import type { ContainerRecord } from '../../src/state/record.ts'

/** Whoever names no file needs no store. */
const noStore = { store: () => Promise.reject(new Error('the store was asked')) }
const check = (logging: ContainerLogging, terminal = false): Promise<void> => checkLogging(noStore, logging, { terminal })

test.each([
  [{ driver: 'none', maximumBytes: 10 }, /max-size makes no sense with the log driver none/],
  [{ driver: 'passthrough', path: '/x' }, /path makes no sense with the log driver passthrough/],
  [{ maximumFiles: 3 }, /max-file needs max-size/],
  [{ maximumBytes: 10, maximumFiles: 0 }, /max-file is not between/],
  [{ maximumBytes: 0.5 }, /max-size is no number of bytes/],
  [{ path: 'a' }, /must be absolute/],
  [{ path: '/tmp/a:b' }, /colon/],
  [{ path: '/nowhere/at/all' }, /directory that is not there/],
  [{ path: tmpdir() }, /is no file/],
  [{ tag: '{{.Foo}}' }, /\{\{\.Foo\}\}/],
] satisfies [ContainerLogging, RegExp][])('%j is refused', async (logging, message) => {
  await expect(check(logging)).rejects.toThrow(
    expect.objectContaining({ code: 'ERR_CONTAINER_OPTION_INVALID', message: expect.stringMatching(message) }),
  )
})

test('passthrough has no terminal', async () => {
  await expect(check({ driver: 'passthrough' }, true)).rejects.toThrow(/terminal/)
  await check({ driver: 'passthrough' })
})

test('a journal must be there', async () => {
  if (existsSync(journalSocket)) await expect(check({ driver: 'journald' })).resolves.toBeUndefined()
  else await expect(check({ driver: 'journald' })).rejects.toThrow(/there is none on this host/)
})

test('a log in a directory that is there, if nobody else has it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'log-'))
  using store = await openContainerStore(join(directory, 'engine.db'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'x.log')
  const settings = resolveSettings(
    { image: 'web', command: ['true'], logging: { path } },
    { id: 'a1', config: { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } }, hostHostname: 'machine' },
  )
  await store.insert({ ...record(settings.logging ?? {}), settings })
  const checkOwn = (logging: ContainerLogging, name = 'own'): Promise<void> => checkLogging({ store: async () => store }, logging, { name })
  const rotated = { driver: 'json-file', maximumBytes: 10, maximumFiles: 1, tag: '{{.Name}} {{ .ID }}' } as const
  await expect(checkOwn({ ...rotated, path: join(directory, 'y.log') })).resolves.toBeUndefined()
  await expect(checkOwn({ path })).resolves.toBeUndefined()
  await expect(checkOwn({ ...rotated, path })).rejects.toThrow(/is the log of the container web/)
  // It is about to be replaced.
  await expect(checkOwn({ ...rotated, path }, 'web')).resolves.toBeUndefined()
})

const record = (logging: ContainerLogging): ContainerRecord =>
  ({
    id: '0123456789abcdef',
    name: 'web',
    imageName: 'debian:12',
    imageId: 'sha256:fedcba9876543210',
    createdAt: 0,
    args: [],
    labels: {},
    network: 'none',
    mounts: [],
    autoRemove: false,
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
    settings: { labels: { a: '1', b: '2' }, environment: ['E=x=y', 'F=', 'G'], logging },
  }) as unknown as ContainerRecord

test('what the monitor is told', () => {
  const files = { log: '/c/ctr.log' }
  expect(logTarget(record({ driver: 'json-file', tag: 'x' }), files)).toEqual({ logDriver: 'k8s-file', logPath: '/c/ctr.log' })
  expect(logTarget(record({ path: '/p' }), files)).toEqual({ logDriver: 'k8s-file', logPath: '/p' })
  expect(logTarget(record({ driver: 'none' }), files)).toEqual({ logDriver: 'none', logPath: '' })
  expect(logTarget(record({ driver: 'journald', tag: '{{.Name}}/{{.ID}}' }), files)).toEqual({
    logDriver: 'journald',
    logPath: '',
    logTag: 'web/0123456789ab',
  })
})

test('details', () => {
  const described = describeLogging(
    record({ labels: ['b', 'none'], environment: ['E', 'F', 'G', 'H'], tag: '{{.ImageName}} {{.ImageID}}' }),
    { log: '/l' },
  )
  expect(described).toEqual({ file: '/l', details: { b: '2', E: 'x=y', F: '', G: '', tag: 'debian:12 fedcba987654' } })
})
