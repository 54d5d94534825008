import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findUserManager } from '../src/index.ts'

/** The files by which a manager is found. */
function machine(): { readonly cgroupRoot: string; readonly runtimeDirectory: string; readonly group: string } {
  const directory = mkdtempSync(join(tmpdir(), 'podwright-manager-'))
  const runtimeDirectory = join(directory, 'run/user/1234')
  const group = join(directory, 'cgroup/user.slice/user-1234.slice/user@1234.service')
  mkdirSync(join(runtimeDirectory, 'systemd'), { recursive: true })
  mkdirSync(group, { recursive: true })
  for (const name of ['bus', 'systemd/private']) writeFileSync(join(runtimeDirectory, name), '')
  writeFileSync(join(group, 'cgroup.procs'), '')
  writeFileSync(join(group, 'cgroup.controllers'), 'cpu memory pids\n')
  return { cgroupRoot: join(directory, 'cgroup'), runtimeDirectory, group }
}

test("a user's systemd has a group of v2, and controllers to hand on", () => {
  const { cgroupRoot, runtimeDirectory, group } = machine()
  const options = { cgroupRoot, isCgroup2: true, uid: 1234 }
  expect(findUserManager({ ...options, environment: { XDG_RUNTIME_DIR: runtimeDirectory } })).toEqual({
    group,
    controllers: ['cpu', 'memory', 'pids'],
    environment: { XDG_RUNTIME_DIR: runtimeDirectory, DBUS_SESSION_BUS_ADDRESS: `unix:path=${runtimeDirectory}/bus` },
  })
  const environment = { XDG_RUNTIME_DIR: runtimeDirectory, DBUS_SESSION_BUS_ADDRESS: 'unix:abstract=/x' }
  expect(findUserManager({ ...options, environment })?.environment).toEqual(environment)
})

test('none where control groups are of v1, where none runs, and where the group is not the user’s', () => {
  const { cgroupRoot, runtimeDirectory, group } = machine()
  const environment = { XDG_RUNTIME_DIR: runtimeDirectory }
  const options = { cgroupRoot, isCgroup2: true, uid: 1234, environment }
  expect(findUserManager({ ...options, isCgroup2: false })).toBeUndefined()
  expect(findUserManager({ ...options, environment: { XDG_RUNTIME_DIR: '/no/such' } })).toBeUndefined()
  expect(findUserManager({ ...options, uid: 4321 })).toBeUndefined()
  if (process.getuid?.() === 0) return
  chmodSync(join(group, 'cgroup.procs'), 0o444)
  expect(findUserManager(options)).toBeUndefined()
})
