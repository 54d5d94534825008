import { applyEdits } from '@podwright/cdi'
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { config, directoryOf } from './fixtures.ts'

test('variables are replaced and added; the config given stays as it is', () => {
  const before = structuredClone(config)
  const edited = applyEdits(config, { env: ['B=1', 'A=device', 'B=2'] })
  expect(edited.process.env).toEqual(['PATH=/bin', 'A=device', 'B=2'])
  expect(config).toEqual(before)
  expect(applyEdits(config, {})).toEqual(config)
})

test('nodes are filled from the host, and allowed', () => {
  const edited = applyEdits(config, {
    deviceNodes: [
      { path: '/dev/null' },
      { path: '/dev/inside', hostPath: '/dev/zero', permissions: 'r', fileMode: 0o600, uid: 7, gid: 8 },
      { path: '/dev/made', type: 'b', major: 7, minor: 200, permissions: 'none' },
      { path: '/dev/first', type: 'c', major: 240 },
      { path: '/dev/./null', type: 'u' },
    ],
  })
  expect(edited.linux.devices).toEqual([
    { type: 'u', path: '/dev/null', major: 1, minor: 3 },
    { type: 'c', path: '/dev/inside', major: 1, minor: 5, fileMode: 0o600, uid: 7, gid: 8 },
    { type: 'b', path: '/dev/made', major: 7, minor: 200 },
    { type: 'c', path: '/dev/first', major: 240, minor: 0 },
  ])
  expect(edited.linux.resources).toEqual({
    pids: { limit: 10 },
    devices: [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' },
      { allow: true, type: 'c', major: 1, minor: 5, access: 'r' },
      { allow: true, type: 'c', major: 240, minor: 0, access: 'rwm' },
      { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' },
    ],
  })
  expect(applyEdits(config, { deviceNodes: [{ path: '/dev/null' }] }, { deviceRules: false }).linux.resources).toBe(config.linux.resources)
})

test('a node is its process’s, unless the spec says whose', () => {
  const process = { ...config.process, user: { uid: 1000, gid: 100 } }
  const edited = applyEdits({ ...config, process }, { deviceNodes: [{ path: '/dev/null' }, { path: '/dev/zero', uid: 0, gid: 0 }] })
  expect(edited.linux.devices).toMatchObject([
    { uid: 1000, gid: 100 },
    { uid: 0, gid: 0 },
  ])
})

test('where none can be made, the host’s are bound', () => {
  const edited = applyEdits(
    config,
    { deviceNodes: [{ path: '/dev/a/zero', hostPath: '/dev/zero' }], mounts: [{ hostPath: '/usr', containerPath: '/dev/a' }] },
    { bindNodes: true, deviceRules: false },
  )
  expect(edited.linux).toEqual(config.linux)
  expect(edited.mounts.slice(2)).toEqual([
    { destination: '/dev/shm', type: 'tmpfs' },
    { destination: '/dev/a', type: 'bind', source: '/usr', options: ['rbind'] },
    { destination: '/dev/a/zero', type: 'bind', source: '/dev/zero', options: ['rslave', 'nosuid', 'noexec', 'rw', 'rbind'] },
  ])
})

test('a node that is not there, or another one, is told', () => {
  using directory = directoryOf({ file: '' })
  const link = join(directory.path, 'link')
  const fifo = join(directory.path, 'fifo')
  symlinkSync('/dev/zero', link)
  execFileSync('mkfifo', [fifo])
  const node = (hostPath: string, more: object, options = {}): unknown =>
    applyEdits(config, { deviceNodes: [{ path: '/dev/x', hostPath, ...more }] }, options).linux.devices
  expect(node(link, {})).toMatchObject([{ type: 'c', major: 1, minor: 5 }])
  expect(node(fifo, {})).toEqual([{ type: 'p', path: '/dev/x' }])
  expect(node('/no/such', { type: 'p' })).toEqual([{ type: 'p', path: '/dev/x' }])
  expect(() => node('/no/such', {})).toThrow(
    expect.objectContaining({ code: 'ERR_CDI_HOST_DEVICE', message: expect.stringContaining('/no/such') as string }),
  )
  expect(() => node(join(directory.path, 'file'), {})).toThrow('it is no device node')
  expect(() => node('/dev/zero', { type: 'b' })).toThrow('the spec says that its type is b, and it is c')
  expect(node('/dev/zero', { type: 'c', major: 9, minor: 9 })).toMatchObject([{ major: 9, minor: 9 }])
  expect(() => node('/dev/zero', { type: 'c', major: 9, minor: 9 }, { bindNodes: true })).toThrow(
    'the spec says that it is 9:9, and it is 1:5',
  )
  expect(() => node('/no/such', { type: 'c', major: 9, minor: 9 }, { bindNodes: true })).toThrow('cannot use the device node /no/such')
})

test('mounts take the place of others, shallow ones first; without a type or option they are bound', () => {
  const edited = applyEdits(config, {
    mounts: [
      { hostPath: '/usr/lib/x', containerPath: '/usr/lib/x/', options: ['ro', 'bind'] },
      { hostPath: 'tmpfs', containerPath: '/dev/shm', type: 'tmpfs', options: ['size=1m'] },
      { hostPath: '/opt', containerPath: '/opt' },
    ],
  })
  expect(edited.mounts).toEqual([
    { destination: '/proc', type: 'proc' },
    { destination: '/dev', type: 'tmpfs' },
    { destination: '/opt', type: 'bind', source: '/opt', options: ['rbind'] },
    { destination: '/dev/shm', type: 'tmpfs', source: 'tmpfs', options: ['size=1m'] },
    { destination: '/usr/lib/x', type: 'bind', source: '/usr/lib/x', options: ['ro', 'bind'] },
  ])
})

test('hooks, groups, resctrl and network devices', () => {
  const hooks = { poststop: [{ path: '/given' }] }
  const edited = applyEdits(
    { ...config, hooks, process: { ...config.process, user: { uid: 0, gid: 0, additionalGids: [5] } } },
    {
      hooks: [
        { hookName: 'poststop', path: '/a', args: ['a', 'b'], env: ['X=1'], timeout: 2 },
        { hookName: 'createRuntime', path: '/b' },
      ],
      additionalGids: [0, 44, 5, 44],
      intelRdt: { closID: 'c', enableCMT: true },
      netDevices: [{ hostInterfaceName: 'eth1', name: 'net0' }],
    },
  )
  expect(edited.hooks).toEqual({
    poststop: [{ path: '/given' }, { path: '/a', args: ['a', 'b'], env: ['X=1'], timeout: 2 }],
    createRuntime: [{ path: '/b' }],
  })
  expect(edited.process.user.additionalGids).toEqual([5, 44])
  expect(edited.linux.intelRdt).toEqual({ closID: 'c', enableCMT: true })
  expect(edited.linux.netDevices).toEqual({ eth1: { name: 'net0' } })
})
