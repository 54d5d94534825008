import { expect, test } from 'vitest'
import { runtimeFailure } from '../../src/runtime/runtime-failure.ts'

const runc = (message: string): string => `time="2026-11-24T00:04:49Z" level=error msg=${JSON.stringify(message)}\n`
const unable = 'runc create failed: unable to start container process: '

test.each([
  ['crun', 'executable file `nosuch` not found in $PATH: No such file or directory', 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
  ['crun', 'open executable: Not a directory', 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
  ['crun', 'open executable: Permission denied', 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', 126],
  ['crun', 'open executable: Operation not permitted', 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', 126],
  ['runc', runc(`${unable}exec: "nosuch": executable file not found in $PATH`), 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
  ['runc', runc(`${unable}exec: "/bin/x": stat /bin/x: no such file or directory`), 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
  ['runc', runc(`${unable}exec: "/etc/passwd/x": stat /etc/passwd/x: not a directory`), 'ERR_RUNTIME_COMMAND_NOT_FOUND', 127],
  ['runc', runc(`${unable}exec: "/tmp": permission denied`), 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', 126],
  ['runc', runc(`${unable}exec: "/tmp": is a directory`), 'ERR_RUNTIME_COMMAND_NOT_EXECUTABLE', 126],
  [
    'runc',
    runc('exec failed: unable to start container process: exec: "x": executable file not found in $PATH'),
    'ERR_RUNTIME_COMMAND_NOT_FOUND',
    127,
  ],
  ['runc', runc(`${unable}chdir to cwd ("/x") set in config.json failed: permission denied`), 'ERR_RUNTIME_WORKING_DIRECTORY', 126],
  ['crun', 'chdir: No such file or directory', 'ERR_RUNTIME_WORKING_DIRECTORY', 127],
  ['crun', 'container `x` is not running', 'ERR_RUNTIME_CONTAINER_NOT_RUNNING', 125],
  ['crun', 'open pidfd: No such process', 'ERR_RUNTIME_CONTAINER_NOT_RUNNING', 125],
  ['runc', runc('container not running'), 'ERR_RUNTIME_CONTAINER_NOT_RUNNING', 125],
  ['runc', runc('cannot exec in a stopped container'), 'ERR_RUNTIME_CONTAINER_NOT_RUNNING', 125],
  ['crun', 'error opening file `/run/x/status`: No such file or directory', 'ERR_RUNTIME_CONTAINER_NOT_FOUND', 125],
  ['runc', runc('container does not exist'), 'ERR_RUNTIME_CONTAINER_NOT_FOUND', 125],
  ['crun', 'container `x` already exists', 'ERR_RUNTIME_CONTAINER_EXISTS', 125],
  ['runc', runc('container with given ID already exists'), 'ERR_RUNTIME_CONTAINER_EXISTS', 125],
  ['crun', 'cgroups in hybrid mode not supported, drop all controllers from cgroupv2', 'ERR_RUNTIME_CGROUP', 125],
  [
    'runc',
    runc('runc create failed: unable to start container process: error during container init: error mounting "/x" to rootfs at "/y"'),
    'ERR_RUNTIME_MOUNT',
    125,
  ],
  ['crun', 'setrlimit `RLIMIT_NOFILE`: Operation not permitted', 'ERR_RUNTIME_PERMISSION', 126],
  ['crun', 'something else', 'ERR_RUNTIME_FAILED', 125],
  ['crun', '', 'ERR_RUNTIME_FAILED', 125],
])('%s: %s', (runtime, stderr, code, exitStatus) => {
  expect(runtimeFailure(runtime, stderr, { container: 'web' })).toMatchObject({ code, details: { exitStatus, runtime } })
})

test('quotes the reason without its dressing', () => {
  const stderr = runc('first') + runc(`${unable}exec: "x": executable file not found in $PATH`)
  expect(runtimeFailure('runc', stderr, { container: 'web' }).message).toBe(
    'cannot start container web: runc: exec: "x": executable file not found in $PATH',
  )
  expect(runtimeFailure('crun', '2026-01-01T10:00:00.123Z: error: oh no\n').message).toBe('cannot start: crun: oh no')
})

test('a command that the runtime does not name is named', () => {
  const failure = (message: string): string => runtimeFailure('crun', message, { container: 'web', command: '/etc/notes' }).message
  expect(failure('open executable: Permission denied')).toBe(
    'cannot start container web: /etc/notes: crun: open executable: Permission denied',
  )
  expect(failure('executable file `/etc/notes` not found in $PATH')).not.toContain('/etc/notes: crun')
  expect(failure('mount: no')).not.toContain('/etc/notes')
})
