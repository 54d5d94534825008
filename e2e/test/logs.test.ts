import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'
import type { RunResult } from '../harness/run.ts'

asEachRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const podwright = (...args: readonly string[]): Promise<RunResult> => sandbox().podwright(args)
  const run = (name: string, flags: readonly string[], ...command: readonly string[]): Promise<RunResult> =>
    podwright('run', '-q', '--name', name, '--network', 'none', ...flags, busybox, ...command)
  const numbers = (last: number): string => Array.from({ length: last }, (_, index) => `${index + 1}\n`).join('')

  test('--log-driver json-file with a path and a tag; inspect, details, colours, times', async () => {
    const path = join(sandbox().directory, 'own.log')
    const options = [`path=${path}`, 'tag={{.Name}}', 'labels=tier', 'env=REGION'].flatMap((option) => ['--log-opt', option])
    const flags = ['--log-driver', 'json-file', ...options, '--label', 'tier=a b', '-e', 'REGION=eu']
    expect(await run('own', flags, 'sh', '-c', 'echo out; echo err >&2')).toMatchObject({ code: 0, stdout: 'out\n', stderr: 'err\n' })
    expect(readFileSync(path, 'utf8')).toMatch(/^\S+ stdout F out\n\S+ stderr F err\n$/)
    expect(await podwright('logs', '--details', 'own')).toMatchObject({
      stdout: 'REGION=eu,tag=own,tier=a+b out\n',
      stderr: 'REGION=eu,tag=own,tier=a+b err\n',
    })
    expect((await podwright('logs', '--color', 'own')).stdout).toBe('\u001b[31mout\u001b[0m\n')
    expect(await ok('logs', '-t', 'own')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d) out$/)
    expect(JSON.parse(await ok('inspect', '--format', '{{json .HostConfig.LogConfig}}', 'own'))).toMatchObject({
      Type: 'json-file',
      Path: path,
      Config: { path, tag: '{{.Name}}', labels: 'tier', env: 'REGION' },
    })
    const shared = await podwright('create', '--log-opt', `path=${path}`, '--log-opt', 'max-size=1m', busybox, 'true')
    expect(shared).toMatchObject({ code: 125, stderr: expect.stringMatching(/is the log of the container own/) })
    await ok('rm', 'own')
    expect(existsSync(path)).toBe(true)
  })

  test('--log-driver none: who is attached sees it, and logs says that there is none', async () => {
    expect(await run('silent', ['--log-driver', 'none'], 'echo', 'seen')).toMatchObject({ code: 0, stdout: 'seen\n' })
    expect(await podwright('logs', 'silent')).toMatchObject({ code: 125, stderr: expect.stringMatching(/silent: its log driver is none/) })
    expect(await ok('inspect', '--format', '{{.HostConfig.LogConfig.Type}}{{.LogPath}}', 'silent')).toBe('none')
    await ok('rm', 'silent')
  })

  test('--log-driver passthrough: the container has what the command has, in front and detached', async () => {
    const passed = [
      'run',
      '--name',
      'passed',
      '--network',
      'none',
      '--log-driver',
      'passthrough',
      busybox,
      'sh',
      '-c',
      'cat; echo err >&2; exit 3',
    ]
    expect(await sandbox().podwright(passed, { input: 'in\n' })).toMatchObject({ code: 3, stdout: 'in\n', stderr: 'err\n' })
    expect(await podwright('logs', 'passed')).toMatchObject({ code: 125, stderr: expect.stringMatching(/passthrough/) })
    const detached = await run('away', ['-d', '--log-driver', 'passthrough'], 'echo', 'from inside')
    expect(detached).toMatchObject({ code: 0, stdout: expect.stringMatching(/^from inside$/m) })
    expect(await ok('wait', 'away')).toBe('0')
    // It has our pipes for as long as it runs.
    const running = run('runs', ['-d', '--log-driver', 'passthrough'], 'sleep', '100')
    while (!(await ok('ps', '--format', '{{.Names}}')).includes('runs')) await sleep(50)
    expect(await podwright('attach', 'runs')).toMatchObject({ code: 125, stderr: expect.stringMatching(/passthrough/) })
    // A terminal is never handed on.
    const typed = await sandbox().terminal(['start', 'away']).end
    expect(typed).toMatchObject({ code: 125, output: expect.stringMatching(/cannot start away: its log driver is passthrough/) })
    await ok('rm', '-f', '-t', '0', 'passed', 'away', 'runs')
    await running
  })

  test.each([
    [['--log-driver', 'syslog'], /cannot honour --log-driver syslog/],
    [['--log-driver', 'nowhere'], /invalid value "nowhere" for --log-driver/],
    [['--log-opt', 'compress=true'], /cannot honour --log-opt compress/],
    [['--log-opt', 'foo=1'], /invalid value "foo=1" for --log-opt/],
    [['--log-opt', 'max-file=3'], /max-file needs max-size/],
    [['--log-driver', 'none', '--log-opt', 'max-size=1m'], /max-size makes no sense with the log driver none/],
    [['--log-driver', 'passthrough', '-t'], /cannot be used on a TTY/],
  ])('%j is refused', async (flags, message) => {
    const refused = await podwright('create', '--name', 'refused', ...flags, busybox, 'true')
    expect(refused).toMatchObject({ code: 125, stderr: expect.stringMatching(message) })
    expect((await podwright('container', 'exists', 'refused')).code).toBe(1)
  })

  test('--log-driver journald is refused where there is no journal', async () => {
    const hasJournal = existsSync('/run/systemd/journal/socket')
    const created = await podwright('create', '-q', '--name', 'journal', '--log-driver', 'journald', busybox, 'true')
    if (hasJournal) expect(created).toMatchObject({ code: 0, stderr: '' })
    else
      expect(created).toMatchObject({ code: 125, stderr: expect.stringMatching(/cannot log to the journal: there is none on this host/) })
    await podwright('rm', '-f', 'journal')
  })

  test('rotation by size and count: each line once, in order, over all files, also when they are followed', async () => {
    const burst = 'i=0; while [ $i -lt 30 ]; do seq $((i * 500 + 1)) $(((i + 1) * 500)); i=$((i + 1)); sleep 0.05; done'
    const flags = ['-d', '--log-opt', 'max-size=10k', '--log-opt', 'max-file=500']
    await ok('run', '--name', 'full', '--network', 'none', ...flags, busybox, 'sh', '-c', burst)
    const following = podwright('logs', '-f', 'full')
    expect(await ok('wait', 'full')).toBe('0')
    expect((await podwright('logs', 'full')).stdout === numbers(15_000)).toBe(true)
    expect((await following).stdout === numbers(15_000)).toBe(true)
    expect((await ok('logs', '--tail', '14000', 'full')).split('\n')[0]).toBe('1001')
    expect(existsSync(`${await ok('inspect', '--format', '{{.LogPath}}', 'full')}.2`)).toBe(true)
    await ok('rm', 'full')
  })

  test('several containers come merged', async () => {
    for (const name of ['first', 'second']) await run(name, [], 'sh', '-c', `echo ${name}`)
    await ok('start', '-a', 'first')
    expect(await ok('logs', '--names', 'second', 'first')).toBe('first first\nsecond second\nfirst first')
    expect(await ok('logs', '--latest')).toBe('second')
    await ok('rm', 'first', 'second')
    expect((await podwright('logs', 'first')).code).toBe(125)
  })

  test('--pidfile and --conmon-pidfile', async () => {
    const [own, monitor] = [join(sandbox().directory, 'own.pid'), join(sandbox().directory, 'monitor.pid')]
    await run('pids', ['-d', '--pidfile', own, '--conmon-pidfile', monitor], 'sleep', '100')
    expect(await ok('inspect', '--format', '{{.State.Pid}} {{.State.ConmonPid}} {{.PidFile}} {{.ConmonPidFile}}', 'pids')).toBe(
      `${readFileSync(own, 'utf8')} ${readFileSync(monitor, 'utf8')} ${own} ${monitor}`,
    )
    await ok('rm', '-f', '-t', '0', 'pids')
  })

  test('info tells the log driver', async () => {
    expect(await ok('info', '--format', '{{.Host.LogDriver}} {{.LoggingDriver}} {{.Plugins.log}}')).toBe(
      'k8s-file k8s-file [k8s-file none passthrough journald]',
    )
  })
})
