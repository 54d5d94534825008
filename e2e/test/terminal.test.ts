import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { processesOf } from '../harness/leftovers.ts'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ sandbox, busybox }) => {
  test('-it gives the command a terminal of the window’s size, which follows it', async () => {
    const terminal = sandbox().terminal(['run', '-it', '--rm', busybox, 'sh'])
    await terminal.until(/# /)
    terminal.type('tty; stty size\r')
    await terminal.until(/\/dev\/pts\/\d+\s+24 80/)
    terminal.resize(40, 132)
    await sleep(500)
    terminal.type('stty size\r')
    await terminal.until(/40 132/)
    terminal.type('exit 5\r')
    expect(await terminal.end).toMatchObject({ code: 5, restored: true })
  })

  test('-t alone writes to a terminal: lines end in CR LF', async () => {
    const { stdout } = await sandbox().podwright(['run', '-t', '--rm', busybox, 'echo', 'line'])
    expect(stdout).toBe('line\r\n')
  })

  test('-it without a terminal: run and exec warn, and go on', async () => {
    const warning = 'Warning: the input device is not a TTY: --tty and --interactive might not work properly\n'
    const talk = async (...words: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await sandbox().podwright(words, { input: '' })
      return { code, stdout, stderr }
    }
    await sandbox().ok(['run', '-d', '--name', 'deaf', busybox, 'sleep', '100'])
    expect(await talk('run', '-it', '--rm', busybox, 'echo', 'line')).toEqual({ code: 0, stdout: 'line\r\n', stderr: warning })
    expect(await talk('exec', '-it', 'deaf', 'echo', 'line')).toEqual({ code: 0, stdout: 'line\r\n', stderr: warning })
    for (const flag of ['-i', '-t']) {
      expect(await talk('run', flag, '--rm', busybox, 'true')).toEqual({ code: 0, stdout: '', stderr: '' })
      expect(await talk('exec', flag, 'deaf', 'true')).toEqual({ code: 0, stdout: '', stderr: '' })
    }
    expect(await talk('--log-level', 'error', 'exec', '-it', 'deaf', 'true')).toEqual({ code: 0, stdout: '', stderr: '' })
    await sandbox().ok(['rm', '-f', '-t', '0', 'deaf'])
  })

  test('Ctrl-C reaches the command, not podwright', async () => {
    const terminal = sandbox().terminal([
      'run',
      '-it',
      '--rm',
      busybox,
      'sh',
      '-c',
      'trap "echo caught; exit 4" INT; echo ready; while :; do sleep 0.1; done',
    ])
    await terminal.until(/ready/)
    terminal.type('\u0003')
    const end = await terminal.end
    expect(end.output).toContain('caught')
    expect(end).toMatchObject({ code: 4, restored: true })
  })

  test('the detach keys leave it running, and attach comes back', async () => {
    const terminal = sandbox().terminal(['run', '-it', '--name', 'left', busybox, 'sh'])
    await terminal.until(/# /)
    terminal.type('echo first; X=kept\r')
    await terminal.until(/first\r\n/)
    terminal.type('\u0010\u0011')
    expect(await terminal.end).toMatchObject({ code: 0, restored: true })
    expect(await sandbox().ok(['ps'])).toContain('left')

    const again = sandbox().terminal(['attach', 'left'])
    await sleep(500)
    again.type('echo $X again\r')
    await again.until(/kept again/)
    again.type('exit 3\r')
    expect(await again.end).toMatchObject({ code: 3, restored: true })
    await sandbox().ok(['rm', 'left'])
  })

  test('--detach-keys', async () => {
    const terminal = sandbox().terminal(['run', '-it', '--name', 'keys', '--detach-keys', 'ctrl-x,x', busybox, 'sh'])
    await terminal.until(/# /)
    terminal.type('\u0018x')
    expect(await terminal.end).toMatchObject({ code: 0, restored: true })
    await sandbox().ok(['rm', '-f', '-t', '0', 'keys'])
  })

  test('exec -it', async () => {
    await sandbox().ok(['run', '-d', '--name', 'inner', busybox, 'sleep', '100'])
    const terminal = sandbox().terminal(['exec', '-it', 'inner', 'sh'])
    await terminal.until(/# /)
    terminal.type('stty size; exit 6\r')
    const end = await terminal.end
    expect(end.output).toContain('24 80')
    expect(end).toMatchObject({ code: 6, restored: true })
    await sandbox().ok(['rm', '-f', '-t', '0', 'inner'])
  })

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('the terminal is restored after %s', async (signal) => {
    const terminal = sandbox().terminal(['run', '-it', '--rm', '--name', 'signalled', busybox, 'sh', '-c', 'echo ready; sleep 100'])
    await terminal.until(/ready/)
    const own = processesOf(sandbox().directory).find(({ command }) => command.includes('run -it') && !command.includes('pseudo-terminal'))
    expect(own).toBeDefined()
    process.kill(own!.pid, signal)
    await sleep(300)
    await sandbox().podwright(['rm', '-f', '-t', '0', 'signalled'])
    expect((await terminal.end).restored).toBe(true)
  })

  test('an error before the start leaves the terminal as it was', async () => {
    const terminal = sandbox().terminal(['run', '-it', '--rm', busybox, 'no-such-command'])
    expect(await terminal.end).toMatchObject({ code: 127, restored: true })
  })

  test('a pull draws bars on a terminal', async () => {
    await sandbox().podwright(['rmi', '-f', busybox])
    const terminal = sandbox().terminal(['pull', '--tls-verify=false', busybox])
    const end = await terminal.end
    expect(end.code).toBe(0)
    expect(end.output).toContain('\u001b[')
  })
})
