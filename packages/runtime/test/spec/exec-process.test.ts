import type { RuntimeSpec } from '@podwright/oci'
import { expect, test } from 'vitest'
import { execProcess } from '../../src/index.ts'

const bounding = ['CAP_CHOWN', 'CAP_KILL']
const spec: RuntimeSpec = {
  ociVersion: '1.0.2',
  process: {
    terminal: true,
    user: { uid: 0, gid: 0, umask: 0o22 },
    args: ['sleep'],
    env: ['A=1', 'HOME=/root'],
    cwd: '/work',
    capabilities: { bounding, effective: bounding, permitted: bounding },
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 1 }],
    noNewPrivileges: true,
  },
  root: { path: '/x' },
  mounts: [],
  linux: { namespaces: [] },
}
const passwd = 'root:x:0:0::/root:\nwww:x:33:33::/var/www:\n'

test('inherits what the container has', () => {
  expect(execProcess({ spec, command: ['id'] })).toEqual({ ...spec.process, terminal: undefined, args: ['id'] })
})

test('its own environment, directory, terminal and user', () => {
  const process = execProcess({
    spec,
    command: ['id'],
    environment: { A: '2', B: '3' },
    workingDirectory: '/tmp',
    terminal: true,
    consoleSize: { rows: 10, columns: 20 },
    user: 'www',
    passwd,
  })
  expect(process).toMatchObject({
    terminal: true,
    consoleSize: { height: 10, width: 20 },
    cwd: '/tmp',
    user: { uid: 33, gid: 33, umask: 0o22, additionalGids: [33] },
    env: ['A=2', 'HOME=/var/www', 'TERM=xterm', 'B=3'],
  })
  expect(process.capabilities).toEqual({ bounding })
})

test('privileged', () => {
  expect(execProcess({ spec, command: ['id'], privileged: true, hostCapabilities: ['CAP_BPF'] }).capabilities).toMatchObject({
    bounding: ['CAP_BPF'],
    effective: ['CAP_BPF'],
  })
})

test('no command, no such user', () => {
  expect(() => execProcess({ spec, command: [] })).toThrow(expect.objectContaining({ code: 'ERR_COMMAND_EMPTY' }))
  expect(() => execProcess({ spec, command: ['id'], user: 'who', passwd })).toThrow(expect.objectContaining({ code: 'ERR_USER_NOT_FOUND' }))
})
