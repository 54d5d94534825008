import { expect, test } from 'vitest'
import { logConfig } from '../../../src/containers/logging/log-config.ts'
import { type LoggingFlags, readLogging } from '../../../src/containers/logging/read-logging.ts'

const stream = (isTerminal: boolean): never => ({ isTerminal }) as never
const context = (isTerminal = false): Parameters<typeof readLogging>[1] => ({
  stdin: stream(false),
  stdout: stream(false),
  stderr: stream(isTerminal),
})
const read = (options: readonly string[], more: Partial<LoggingFlags> = {}): unknown =>
  readLogging({ 'log-opt': options, ...more }, context())

test.each([
  [['max-size=10m', 'max-file=3'], { maximumBytes: 10_485_760, maximumFiles: 3 }],
  [['max-size=1.5k'], { maximumBytes: 1536 }],
  [['max-size=-1'], { maximumBytes: undefined }],
  [['path=/var/log/a=b.log', 'tag={{.Name}}'], { path: '/var/log/a=b.log', tag: '{{.Name}}' }],
  [['labels=a, b,', 'env=X', 'mode=blocking'], { labels: ['a', 'b'], environment: ['X'] }],
  [['tag='], {}],
  [['max-size=1k,max-file=2,labels=a,b,env=X'], { maximumBytes: 1024, maximumFiles: 2, labels: ['a', 'b'], environment: ['X'] }],
])('--log-opt %j', (options, found) => {
  expect(read(options)).toEqual(found)
})

test.each(['k8s-file', 'json-file', 'journald', 'none', 'passthrough'])('--log-driver %s', (driver) => {
  expect(read([], { 'log-driver': driver })).toEqual({ driver })
})

test.each([
  [['compress=true'], {}, 'ERR_CLI_NOT_SUPPORTED', /compress/],
  [['mode=non-blocking'], {}, 'ERR_CLI_NOT_SUPPORTED', /mode=non-blocking/],
  [['foo=1'], {}, 'ERR_CLI_FLAG_VALUE', /foo=1.*no such log option/],
  [['max-size'], {}, 'ERR_CLI_FLAG_VALUE', /NAME=VALUE/],
  [['max-size=zz'], {}, 'ERR_CLI_FLAG_VALUE', /no size/],
  [['max-file=0'], {}, 'ERR_CLI_FLAG_VALUE', /no number of files/],
  [['path='], {}, 'ERR_CLI_FLAG_VALUE', /names no file/],
  [[], { 'log-driver': 'syslog' }, 'ERR_CLI_NOT_SUPPORTED', /syslog/],
  [[], { 'log-driver': 'foo' }, 'ERR_CLI_FLAG_VALUE', /"foo".*no such log driver/],
  [[], { 'log-driver': 'passthrough', tty: true }, 'ERR_CLI_FLAG_CONFLICT', /cannot be used on a TTY/],
] as const)('%j, %j is refused', (options, more, code, message) => {
  expect(() => read(options, more)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
})

test('passthrough hands on no terminal', () => {
  expect(() => readLogging({ 'log-driver': 'passthrough', 'log-opt': [] }, context(true))).toThrow(/TTY/)
})

test('as inspect shows it: the default, and what was asked for, as it may be given again', () => {
  expect(logConfig(undefined, '/x/ctr.log')).toEqual({ Type: 'k8s-file', Config: null, Path: '/x/ctr.log', Tag: '', Size: '0B' })
  expect(logConfig({ driver: 'none' }, '')).toEqual({ Type: 'none', Config: null, Path: '', Tag: '', Size: '0B' })
  const asked = {
    driver: 'json-file',
    maximumBytes: 10 * 2 ** 20,
    maximumFiles: 3,
    path: '/a',
    tag: 't',
    labels: ['x', 'y'],
    environment: ['E'],
  } as const
  expect(logConfig(asked, '/a')).toEqual({
    Type: 'json-file',
    Config: { 'max-size': '10m', 'max-file': '3', path: '/a', tag: 't', labels: 'x,y', env: 'E' },
    Path: '/a',
    Tag: 't',
    Size: '10.5MB',
  })
  expect(logConfig({ maximumBytes: 1000 }, '/a')).toMatchObject({ Config: { 'max-size': '1000' } })
})
