import { loadDevices } from '@podwright/cdi'
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { directoryOf, specOf } from './fixtures.ts'

const gpu = (from: string, names: readonly string[]): object => ({ ...specOf(from, names), kind: 'vendor.com/gpu' })

test('devices of all directories, those of later ones first; files of other kinds and below are not looked at', async () => {
  using static_ = directoryOf({
    'a.json': specOf('etc', ['a', 'b']),
    'notes.txt': 'x',
    'below/b.json': specOf('below', ['z']),
    'c.yml': 'x',
  })
  using dynamic = directoryOf({
    'a.yaml': 'cdiVersion: 0.3.0\nkind: vendor.com/class\ndevices:\n- {name: b, containerEdits: {env: [B=run]}}\n',
  })
  const devices = await loadDevices({ directories: [static_.path, '/no/such/directory', dynamic.path, static_.path] })
  expect(devices.problems).toEqual([])
  expect(devices.directories).toEqual([static_.path, '/no/such/directory', dynamic.path])
  expect(devices.found.map(({ name, file }) => [name, file])).toEqual([
    ['vendor.com/class=a', join(static_.path, 'a.json')],
    ['vendor.com/class=b', join(dynamic.path, 'a.yaml')],
  ])
  expect(devices.resolve(['vendor.com/class=a', 'vendor.com/class=b'])).toEqual({ env: ['A=etc', 'B=run'] })
})

test('the edits of a spec come once, before those of its devices, and a device once', async () => {
  const intelRdt = (closID: string): object => ({ intelRdt: { closID } })
  using directory = directoryOf({
    'a.json': {
      ...specOf('a', ['x', 'y']),
      cdiVersion: '0.7.0',
      containerEdits: { env: ['SPEC=a'], ...intelRdt('first'), additionalGids: [5] },
    },
    'b.json': { ...gpu('b', ['z']), cdiVersion: '0.7.0', containerEdits: { env: ['SPEC=b'], ...intelRdt('last') } },
  })
  const devices = await loadDevices({ directories: [directory.path] })
  const names = ['vendor.com/class=y', 'vendor.com/gpu=z', 'vendor.com/class=x', 'vendor.com/class=y']
  expect(devices.resolve(names)).toEqual({
    env: ['SPEC=a', 'Y=a', 'SPEC=b', 'Z=b', 'X=a'],
    additionalGids: [5],
    intelRdt: { closID: 'last' },
  })
  expect(devices.resolve([])).toEqual({})
})

test('two of one directory are nobody’s, but for a later directory that has it', async () => {
  using twins = directoryOf({ 'a.json': specOf('a', ['x', 'y']), 'b.json': specOf('b', ['x']) })
  using later = directoryOf({ 'c.json': specOf('c', ['x']) })
  const devices = await loadDevices({ directories: [twins.path] })
  expect(devices.found.map(({ name }) => name)).toEqual(['vendor.com/class=y'])
  expect(devices.problems).toEqual([
    { path: join(twins.path, 'a.json'), message: `vendor.com/class=x is also in ${twins.path}/b.json`, device: 'vendor.com/class=x' },
    { path: join(twins.path, 'b.json'), message: `vendor.com/class=x is also in ${twins.path}/a.json`, device: 'vendor.com/class=x' },
  ])
  expect(() => devices.resolve(['vendor.com/class=x'])).toThrow(
    `cannot find the device vendor.com/class=x: two specs have it: ${twins.path}/a.json: vendor.com/class=x is also in ${twins.path}/b.json`,
  )
  expect((await loadDevices({ directories: [twins.path, later.path] })).resolve(['vendor.com/class=x'])).toEqual({ env: ['X=c'] })
  // Also in one that comes before them: theirs would be meant, and cannot be told.
  expect(() => devices.resolve(['vendor.com/class=x'])).toThrow('two specs have it')
  const hidden = await loadDevices({ directories: [later.path, twins.path] })
  expect(() => hidden.resolve(['vendor.com/class=x'])).toThrow('two specs have it')
})

test('broken files are told, and in nobody’s way', async () => {
  using directory = directoryOf({
    'a.json': specOf('a', ['x']),
    'b.json': '{',
    'c.yaml': 'kind: [',
    'd.json': { ...specOf('d', ['q']), kind: 'd' },
  })
  execFileSync('mkfifo', [join(directory.path, 'e.yaml')])
  symlinkSync('nowhere', join(directory.path, 'f.json'))
  const devices = await loadDevices({ directories: [directory.path] })
  expect(devices.resolve(['vendor.com/class=x'])).toEqual({ env: ['X=a'] })
  expect(devices.problems.map(({ path, message }) => `${path.slice(-6)}: ${message}`)).toEqual([
    expect.stringMatching(/^b\.json: it is not JSON: /),
    expect.stringMatching(/^c\.yaml: it is not YAML: /),
    'd.json: kind is "d", not a kind as vendor.com/class',
    'e.yaml: it is no file',
    expect.stringMatching(/^f\.json: .*ENOENT/),
  ])
})

test('what is not found says where it was looked for, what there is, and which files were left out', async () => {
  using directory = directoryOf({ 'a.json': specOf('a', ['x']), 'b.json': '[]' })
  const devices = await loadDevices({ directories: [directory.path] })
  expect(() => devices.resolve(['vendor.com/class=x', 'vendor.com/class=q'])).toThrow(
    expect.objectContaining({
      code: 'ERR_CDI_DEVICE_NOT_FOUND',
      message: `cannot find the device vendor.com/class=q: no spec in ${directory.path} has it`,
      hint: `There are: vendor.com/class=x. ${directory.path}/b.json is left out: the spec is a list, not an object.`,
      details: { names: ['vendor.com/class=q'], directories: [directory.path] },
    }),
  )
  expect(() => devices.resolve(['fuse'])).toThrow(expect.objectContaining({ code: 'ERR_CDI_NAME_INVALID' }))
})

test('a network interface goes to one place only', async () => {
  const moves = (name: string, hostInterfaceName: string): object => ({ containerEdits: { netDevices: [{ hostInterfaceName, name }] } })
  using directory = directoryOf({
    'a.json': {
      ...specOf('a', []),
      cdiVersion: '1.1.0',
      devices: [
        { name: 'x', ...moves('n0', 'e0') },
        { name: 'y', ...moves('n0', 'e1') },
      ],
    },
  })
  const devices = await loadDevices({ directories: [directory.path] })
  expect(devices.resolve(['vendor.com/class=x'])).toEqual({ netDevices: [{ hostInterfaceName: 'e0', name: 'n0' }] })
  expect(() => devices.resolve(['vendor.com/class=x', 'vendor.com/class=y'])).toThrow('two network devices have the name n0')
})
