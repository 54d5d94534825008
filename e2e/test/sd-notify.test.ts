import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { start } from '../harness/run.ts'
import { asEachRole } from '../harness/roles-suite.ts'

/** A service manager as far as notifications go: prints each datagram on a line of its own. */
const manager = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
sys.stdout.write('bound\\n'); sys.stdout.flush()
while True:
    sys.stdout.write(s.recv(4096).decode().replace('\\n', ' ') + '\\n'); sys.stdout.flush()
`

asEachRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  let child: ChildProcess | undefined
  afterEach(() => child?.kill('SIGKILL'))

  async function listen(name: string): Promise<{ readonly path: string; told(): readonly string[] }> {
    const path = join(sandbox().directory, name)
    const python = spawn('python3', ['-c', manager, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    child = python
    let printed = ''
    python.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
    await expect.poll(() => printed, { timeout: 5000 }).toContain('bound')
    return { path, told: () => printed.split('\n').slice(1, -1) }
  }

  const startedBy = async (socket: string, ...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await start(sandbox().words(args), { ...sandbox().env, NOTIFY_SOCKET: socket }).result
    expect({ code, stderr }).toMatchObject({ code: 0 })
  }

  test('a service manager is told the main process, and that it is ready', async () => {
    const { path, told } = await listen('notify-1')
    const flags = ['--sdnotify=conmon', '--cgroups=no-conmon', '--network', 'none', '--stop-timeout', '0']
    await startedBy(path, 'run', '-d', '--name', 'unit', ...flags, busybox, 'sh', '-c', 'env | grep NOTIFY; exec sleep 300')
    const pid = await ok('inspect', 'unit', '--format', '{{.State.ConmonPid}}')
    await expect.poll(told).toEqual([`MAINPID=${pid} READY=1`])
    expect(await ok('logs', 'unit')).toBe('')
    // Nobody waits: nobody is told.
    await ok('restart', 'unit')
    expect(told()).toHaveLength(1)
    await ok('rm', '-f', 'unit')
  })

  test('a container tells it itself, through its monitor', async () => {
    const { path, told } = await listen('notify-2')
    chmodSync(sandbox().directory, 0o711)
    await startedBy(
      path,
      'run',
      '-d',
      '--name',
      'unit',
      '--network',
      'none',
      '--stop-timeout',
      '0',
      busybox,
      'sh',
      '-c',
      'echo $NOTIFY_SOCKET; exec sleep 300',
    )
    expect(await ok('logs', 'unit')).toBe('/run/notify/notify.sock')
    const pid = await ok('inspect', 'unit', '--format', '{{.State.ConmonPid}}')
    await expect.poll(told).toEqual([`MAINPID=${pid}`])
    // busybox has nothing that sends a datagram: from outside, to the very socket that the container has.
    const bundle = await ok('inspect', 'unit', '--format', '{{.StaticDir}}')
    // The path is too long for an address.
    const send = `import os, socket; os.chdir(${JSON.stringify(`${bundle}/notify`)}); socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'READY=1', 'notify.sock')`
    expect((await start(['python3', '-c', send], sandbox().env).result).code).toBe(0)
    await expect.poll(told).toEqual([`MAINPID=${pid}`, 'READY=1'])
    await ok('rm', '-f', 'unit')
    await startedBy(path, 'run', '--rm', '--network', 'none', '--sdnotify', 'ignore', busybox, 'sh', '-c', 'test -z "$NOTIFY_SOCKET"')
    expect(told()).toHaveLength(2)
  })

  test('it is told so when the health check says it, which the start waits for', async () => {
    const { path, told } = await listen('notify-3')
    const flags = [
      '--sdnotify=healthy',
      '--network',
      'none',
      '--stop-timeout',
      '0',
      '--health-cmd',
      'test -e /ready',
      '--health-interval',
      '1s',
    ]
    const starting = startedBy(
      path,
      'run',
      '-d',
      '--name',
      'unit',
      ...flags,
      busybox,
      'sh',
      '-c',
      'test -z "$NOTIFY_SOCKET" && exec sleep 300',
    )
    await expect.poll(told, { timeout: 10_000 }).toEqual([expect.stringMatching(/^MAINPID=\d+$/)])
    expect(await ok('inspect', 'unit', '--format', '{{.State.Health.Status}}')).toBe('starting')
    await ok('exec', 'unit', 'touch', '/ready')
    await starting
    expect(told()[1]).toBe('READY=1')
    await ok('rm', '-f', 'unit')
    // One that ends before never was.
    await startedBy(path, 'run', '-d', '--name', 'short', ...flags, busybox, 'sleep', '0.2')
    await startedBy(path, 'run', '--rm', ...flags, busybox, 'true')
    expect(told().filter((text) => text.includes('READY'))).toHaveLength(1)
    await ok('rm', 'short')
  })

  test('a manager that is gone stops nothing; what can not be is refused', async () => {
    await startedBy('/no/such/socket', 'run', '--rm', '--network', 'none', '--sdnotify', 'conmon', busybox, 'true')
    for (const [flag, reason] of [
      ['--sdnotify=healthy', 'it has no health check'],
      ['--cgroups=split', 'cannot honour'],
    ] as const) {
      expect(await sandbox().podwright(['run', '--rm', flag, busybox, 'true'])).toMatchObject({
        code: 125,
        stderr: expect.stringContaining(reason),
      })
    }
  })
})
