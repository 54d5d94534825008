import type { ContainerLogging } from '@podwright/contracts'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkLogging } from '../../src/logging/check-logging.ts'
import { describeLogging } from '../../src/logging/describe-logging.ts'
import { journalSocket } from '../../src/logging/journal.ts'
import { logTarget } from '../../src/logging/log-target.ts'
import type { ContainerRecord } from '../../src/state/record.ts'

const check = (logging: ContainerLogging, terminal = false): void => checkLogging(logging, { terminal })

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
] satisfies [ContainerLogging, RegExp][])('%j is refused', (logging, message) => {
  expect(() => check(logging)).toThrow(
    expect.objectContaining({ code: 'ERR_CONTAINER_OPTION_INVALID', message: expect.stringMatching(message) }),
  )
})

test('passthrough has no terminal', () => {
  expect(() => check({ driver: 'passthrough' }, true)).toThrow(/terminal/)
  check({ driver: 'passthrough' })
})

test('a journal must be there', (context) => {
  context.skip(existsSync(journalSocket), 'there is one here')
  expect(() => check({ driver: 'journald' })).toThrow(/there is none on this host/)
})

test('a log in a directory that is there', () => {
  const directory = mkdtempSync(join(tmpdir(), 'log-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const asked = {
    driver: 'json-file',
    path: join(directory, 'x.log'),
    maximumBytes: 10,
    maximumFiles: 1,
    tag: '{{.Name}} {{ .ID }}',
  } as const
  expect(() => check(asked)).not.toThrow()
})

const record = (logging: ContainerLogging): ContainerRecord =>
  ({
    id: '0123456789abcdef',
    name: 'web',
    imageName: 'debian:12',
    imageId: 'sha256:fedcba9876543210',
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
