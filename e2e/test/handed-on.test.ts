import { connect } from 'node:net'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'
import { type RunResult, start } from '../harness/run.ts'

const activate = '/usr/bin/systemd-socket-activate'

/** Looks at what sd_listen_fds(3) looks at. */
const service = 'test "$LISTEN_PID" = $$ && test "$LISTEN_FDS" = 1 && echo "$LISTEN_FDNAMES" && readlink /proc/self/fd/3'

asEachRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)

  test('--preserve-fds and --preserve-fd hand on open descriptors, also to a command in a container', async () => {
    const file = join(sandbox().directory, 'handed-on')
    writeFileSync(file, 'handed on', { mode: 0o644 })
    /** With the file at these numbers. */
    const opened = (numbers: readonly number[], ...args: readonly string[]): Promise<RunResult> => {
      const script = `exec "$@" ${numbers.map((fd) => `${fd}<"${file}"`).join(' ')}`
      return start(['bash', '-c', script, 'bash', ...sandbox().words(args)], sandbox().env).result
    }
    const flags = ['--network', 'none']
    const list = 'cat <&4; echo; for fd in 3 4 5; do readlink /proc/self/fd/$fd; done; true'

    const two = await opened([3, 4], 'run', '--rm', ...flags, '--preserve-fds', '2', busybox, 'sh', '-c', list)
    expect(two).toMatchObject({ code: 0, stdout: `handed on\n${file}\n${file}\n` })
    // So many that sh has no digits for the pipes after them.
    const far = await opened([4, 12], 'run', '--rm', ...flags, '--preserve-fd', '12,4', busybox, 'sh', '-c', list)
    expect(far).toMatchObject({ code: 0, stdout: `handed on\n/dev/null\n${file}\n/dev/null\n` })

    const missing = await opened([3], 'run', '--rm', ...flags, '--preserve-fds', '2', busybox, 'true')
    expect(missing).toMatchObject({ code: 125, stdout: '', stderr: expect.stringContaining('cannot hand on descriptor 4: it is not open') })
    expect(await ok('ps', '-aq')).toBe('')

    await opened(
      [4],
      'run',
      '-d',
      '--name',
      'holder',
      '--stop-timeout',
      '0',
      ...flags,
      '--preserve-fd',
      '4',
      busybox,
      'sh',
      '-c',
      'cat <&4; sleep 300',
    )
    await expect.poll(() => ok('logs', 'holder')).toBe('handed on')
    expect(await opened([3], 'exec', '--preserve-fds', '1', 'holder', 'sh', '-c', 'cat <&3; test -e /proc/self/fd/4')).toMatchObject({
      code: 1,
      stdout: 'handed on',
    })
    // What is not named is not handed on.
    expect(await opened([3], 'exec', 'holder', 'test', '-e', '/proc/self/fd/3')).toMatchObject({ code: 1 })
    await ok('rm', '-f', 'holder')
  })

  test('a service manager’s sockets are the container’s', async () => {
    const path = join(sandbox().directory, 'activated')
    const words = sandbox().words(['run', '--rm', '--network', 'none', busybox, 'sh', '-c', service])
    const variables = Object.entries(sandbox().env).map(([name, value]) => `--setenv=${name}=${value}`)
    const manager = start([activate, `--listen=${path}`, '--fdname=web', ...variables, ...words], sandbox().env)
    try {
      let client = connect(path)
      client.on('error', () => undefined)
      for (; client.connecting || client.destroyed; await sleep(50))
        if (client.destroyed) client = connect(path).on('error', () => undefined)
      const { code, stdout } = await manager.result
      client.destroy()
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^web\nsocket:\[\d+\]\n$/) })
    } finally {
      manager.child.kill('SIGKILL')
    }
  })
})
