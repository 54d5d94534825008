import { parseSpec, readSpec } from '@podwright/cdi'
import { describe, expect, test } from 'vitest'
import { specOf } from './fixtures.ts'

const yaml = (text: string): ReturnType<typeof readSpec> => readSpec(new TextEncoder().encode(text), 'yaml')
const withEdits = (containerEdits: object, version = '1.0.0'): unknown => ({ ...specOf('x', ['a']), cdiVersion: version, containerEdits })
const device = (containerEdits: object): unknown => ({ ...specOf('x', []), devices: [{ name: 'a', containerEdits }] })

describe('specs', () => {
  test('one with everything is what it was', () => {
    const edits = {
      env: ['A=1', 'B='],
      deviceNodes: [
        { path: '/dev/a', hostPath: '/dev/b', type: 'c', major: 1, minor: 3, fileMode: 438, permissions: 'rw', uid: 1, gid: 2 },
      ],
      mounts: [{ hostPath: '/usr/lib/a', containerPath: '/lib/a', options: ['ro', 'bind'], type: 'none' }],
      hooks: [{ hookName: 'createContainer', path: '/usr/bin/hook', args: ['hook', 'a'], env: ['X=1'], timeout: 3 }],
      additionalGids: [44],
      intelRdt: { closID: 'class', l3CacheSchema: 'L3:0=f', memBwSchema: 'MB:0=20', schemata: ['L3:0=f'], enableMonitoring: true },
      netDevices: [{ hostInterfaceName: 'eth1', name: 'net0' }],
    }
    const spec = {
      cdiVersion: '1.1.0',
      kind: 'vendor.com/class.sub',
      annotations: { __proto__x: 'a' },
      devices: [{ name: '0', annotations: { 'a/b': 'c' }, containerEdits: edits }],
      containerEdits: edits,
    }
    expect(parseSpec(structuredClone(spec))).toEqual(spec)
  })

  test('what is null or empty is not there, and the groups are read in both spellings', () => {
    const spec = parseSpec({
      ...specOf('x', []),
      cdiVersion: 'v0.7.0',
      annotations: null,
      devices: [
        {
          name: 'a',
          containerEdits: { env: null, deviceNodes: [{ path: '/dev/null', hostPath: '', type: '', permissions: '' }], additionalGIDs: [5] },
        },
      ],
    })
    expect(spec.devices[0]?.containerEdits).toEqual({ deviceNodes: [{ path: '/dev/null' }], additionalGids: [5] })
  })

  test.for<readonly [unknown, string]>([
    [null, 'the spec is null, not an object'],
    [[], 'the spec is a list, not an object'],
    [{}, 'cdiVersion is missing'],
    [{ ...specOf('x', ['a']), cdiVersion: '0.2.0' }, 'cdiVersion is "0.2.0", not one of the versions 0.3.0, '],
    [{ ...specOf('x', ['a']), cdiVersion: '2.0.0' }, 'cdiVersion is "2.0.0"'],
    [{ ...specOf('x', ['a']), kind: 'class' }, 'kind is "class", not a kind as vendor.com/class'],
    [{ ...specOf('x', ['a']), extra: 1 }, 'extra is not a field that the specification has'],
    [specOf('x', []), 'devices is [], not a list of devices: at least one'],
    [specOf('x', ['a', 'b', 'a']), 'devices[2].name is "a" once more'],
    [specOf('x', ['a b']), 'devices[0].name is "a b", not a name of letters'],
    [device({}), 'devices[0].containerEdits is {}, not edits: a device changes something'],
    [device({ env: [] }), 'devices[0].containerEdits is '],
    [device({ env: ['=x'] }), 'devices[0].containerEdits.env[0] is "=x", not a variable as NAME=VALUE'],
    [device({ env: 'A=1' }), 'devices[0].containerEdits.env is a string, not a list'],
    [device({ devicenodes: [] }), 'devices[0].containerEdits.devicenodes is not a field'],
    [device({ deviceNodes: [{}] }), 'devices[0].containerEdits.deviceNodes[0].path is missing'],
    [device({ deviceNodes: [{ path: 'dev/a' }] }), 'path is "dev/a", not an absolute path below /'],
    [device({ deviceNodes: [{ path: '/dev/..' }] }), 'path is "/dev/..", not an absolute path below /'],
    [device({ deviceNodes: [{ path: '/dev/a', type: 'd' }] }), 'type is "d", not b, c, u or p'],
    [device({ deviceNodes: [{ path: '/dev/a', major: -1 }] }), 'major is -1, not the major number of a device'],
    [device({ deviceNodes: [{ path: '/dev/a', permissions: 'rx' }] }), 'permissions is "rx", not of r, w and m, or none'],
    [device({ deviceNodes: [{ path: '/dev/a', fileMode: 0o10000 }] }), 'fileMode is 4096, not a file mode'],
    [device({ deviceNodes: [{ path: '/dev/a', uid: 2 ** 32 }] }), 'uid is 4294967296, not a user id'],
    [device({ mounts: [{ hostPath: '/a' }] }), 'mounts[0].containerPath is missing'],
    [device({ mounts: [{ hostPath: '/a', containerPath: '/' }] }), 'containerPath is "/", not an absolute path below /'],
    [device({ hooks: [{ hookName: 'later', path: '/a' }] }), 'hookName is "later", not prestart, createRuntime,'],
    [device({ hooks: [{ hookName: 'poststop', path: 'a' }] }), 'hooks[0].path is "a", not an absolute path'],
    [device({ hooks: [{ hookName: 'poststop', path: '/a', timeout: 0 }] }), 'timeout is 0, not a number of seconds above 0'],
    [withEdits({ intelRdt: { closID: 'a/b' } }), 'containerEdits.intelRdt.closID is "a/b"'],
    [withEdits({ additionalGids: ['video'] }), 'containerEdits.additionalGids[0] is "video", not a group id'],
  ])('%j is none', ([value, reason]) => {
    expect(() => parseSpec(value)).toThrow(reason)
  })

  test.for<readonly [string, unknown]>([
    ['0.4.0', { ...specOf('x', ['a']), containerEdits: { mounts: [{ hostPath: '/a', containerPath: '/a', type: 'none' }] } }],
    ['0.5.0', { ...specOf('x', ['a']), containerEdits: { deviceNodes: [{ path: '/dev/a', hostPath: '/dev/b' }] } }],
    ['0.5.0', specOf('x', ['0'])],
    ['0.6.0', { ...specOf('x', ['a']), kind: 'vendor.com/a.b' }],
    ['0.6.0', { ...specOf('x', ['a']), annotations: { a: 'b' } }],
    ['0.7.0', { ...specOf('x', ['a']), containerEdits: { additionalGids: [1] } }],
    ['0.7.0', { ...specOf('x', ['a']), containerEdits: { intelRdt: { closID: 'a' } } }],
    ['1.1.0', { ...specOf('x', ['a']), containerEdits: { intelRdt: { schemata: [] } } }],
    ['1.1.0', { ...specOf('x', ['a']), containerEdits: { netDevices: [{ hostInterfaceName: 'a', name: 'b' }] } }],
  ])('since %s: %j', ([since, value]) => {
    const versions = ['0.3.0', '0.4.0', '0.5.0', '0.6.0', '0.7.0', '0.8.0', '1.0.0', '1.1.0']
    const before = versions[versions.indexOf(since) - 1]!
    expect(() => parseSpec({ ...(value as object), cdiVersion: before })).toThrow(
      `needs cdiVersion ${since} or later, and this spec is of ${before}`,
    )
    expect(parseSpec({ ...(value as object), cdiVersion: since }).cdiVersion).toBe(since)
  })

  test('enableCMT is gone in 1.1.0', () => {
    const spec = { ...specOf('x', ['a']), containerEdits: { intelRdt: { enableCMT: true } } }
    expect(parseSpec({ ...spec, cdiVersion: '1.0.0' }).containerEdits?.intelRdt).toEqual({ enableCMT: true })
    expect(() => parseSpec({ ...spec, cdiVersion: '1.1.0' })).toThrow('containerEdits.intelRdt.enableCMT is gone since cdiVersion 1.1.0')
  })
})

describe('YAML is what Go takes it for', () => {
  const head = 'cdiVersion: 0.6.0\nkind: vendor.com/class\n'
  const node = (line: string): string =>
    `${head}devices:\n- name: a\n  containerEdits:\n    deviceNodes:\n    - path: /dev/a\n      ${line}\n`

  test('numbers for names, octal modes, and no numbers to base 60', async () => {
    const spec = await yaml(`${head}devices:\n- {name: 0, containerEdits: {env: [A=1]}}\n- {name: 1:30, containerEdits: {env: [B=2]}}\n`)
    expect(spec.devices.map(({ name }) => name)).toEqual(['0', '1:30'])
    const { devices } = await yaml(node('fileMode: 0666'))
    expect(devices[0]?.containerEdits.deviceNodes?.[0]?.fileMode).toBe(0o666)
  })

  test.for([
    ['a: [', 'it is not YAML: '],
    ['- a\n- b', 'the spec is a list, not an object'],
    ['', 'the spec is null, not an object'],
    [`${head}kind: other/class\ndevices: []`, 'it is not YAML: Map keys must be unique'],
    [node('permissions: !!binary aGVsbG8='), 'it is not YAML: Unresolved tag'],
    [node('<<: {uid: 1}'), '<< is not a field'],
    [`${head}devices: []\n---\na: 1`, 'it is not YAML: Source contains multiple documents'],
    [`a: &a [x, x]\nb: &b [${'*a, '.repeat(50)}]\nc: &c [${'*b, '.repeat(50)}]\nd: [${'*c, '.repeat(50)}]`, 'Excessive alias count'],
  ])('%j is refused', async ([text = '', reason = '']) => {
    await expect(yaml(text)).rejects.toThrow(reason)
    await expect(yaml(text)).rejects.toMatchObject({ code: 'ERR_CDI_SPEC_INVALID' })
  })

  test('bytes that are no text, too many of them, and what is not JSON', async () => {
    await expect(readSpec(Uint8Array.of(0xff, 0xfe), 'json')).rejects.toThrow('it is not text in UTF-8')
    await expect(readSpec(new Uint8Array(4 * 1024 * 1024 + 1), 'yaml')).rejects.toThrow('more than 4194304')
    await expect(readSpec(new TextEncoder().encode('{"a":'), 'json')).rejects.toThrow('it is not JSON: ')
  })
})
