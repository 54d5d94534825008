import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const run = (...args: readonly string[]): Promise<string> => ok('run', '-d', '--network', 'none', '--stop-timeout', '0', ...args)
  const fact = (name: string, template: string): Promise<string> => ok('inspect', name, '--format', template)

  /** Looks again until it is so. */
  const until = async (look: () => Promise<string>, expected: string | RegExp): Promise<void> => {
    const isSo = (text: string): boolean => (typeof expected === 'string' ? text === expected : expected.test(text))
    let text = await look()
    for (let attempt = 0; attempt < 100 && !isSo(text); attempt++) {
      await sleep(50)
      text = await look()
    }
    expect(text).toMatch(expected)
  }

  const keepers = (): number[] => {
    const root = join(sandbox().home, 'store')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
          return words.some((word) => word.endsWith('/keeper.js')) && words.includes(root)
        } catch {
          return false
        }
      })
      .map(Number)
  }
  const noKeeper = (): Promise<void> => until(() => Promise.resolve(String(keepers().length)), '0')

  test('on-failure: so often, then it stays ended; the keeper is gone then', async () => {
    await run('--name', 'plain', busybox, 'sleep', '300')
    expect(keepers()).toEqual([])
    await run('--name', 'failing', '--restart', 'on-failure:2', busybox, 'sh', '-c', 'exit 3')
    await until(() => fact('failing', '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}'), '2 exited 3')
    await noKeeper()
    expect(await fact('failing', '{{json .HostConfig.RestartPolicy}}')).toBe('{"Name":"on-failure","MaximumRetryCount":2}')
    expect(await fact('plain', '{{json .HostConfig.RestartPolicy}} {{.RestartCount}}')).toBe('{"Name":"no","MaximumRetryCount":0} 0')
    // Where it ends well, it is removed.
    await run('--name', 'passing', '--rm', '--restart', 'on-failure', busybox, 'sh', '-c', 'exit 0')
    await until(() => ok('ps', '-aq', '--filter', 'name=passing'), '')
    await ok('rm', '-f', 'plain', 'failing')
  })

  test('in the foreground: it returns at the first end, and the container is started again', async () => {
    const { code, stdout } = await sandbox().podwright([
      'run',
      '--name',
      'seen',
      '--network',
      'none',
      '--restart',
      'on-failure:1',
      busybox,
      'sh',
      '-c',
      'echo once; exit 4',
    ])
    expect({ code, stdout }).toEqual({ code: 4, stdout: 'once\n' })
    await until(() => fact('seen', '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}'), '1 exited 4')
    expect(await ok('logs', 'seen')).toBe('once\nonce')
    await ok('rm', 'seen')
    await noKeeper()
  })

  test('always: it waits for longer and longer, which ps and inspect tell; stop and kill end that; start begins anew', async () => {
    await run('--name', 'again', '--restart', 'always', busybox, 'sh', '-c', 'exit 1')
    await until(() => ok('ps', '--format', '{{.State}} {{.Status}}', '--filter', 'restart-policy=always'), /^restarting Restarting \(1\) /)
    await until(() => fact('again', '{{.RestartCount}}'), /^[4-9]$/)
    await until(() => fact('again', '{{.State.Status}} {{.State.Restarting}} {{.State.Running}}'), 'restarting true true')
    expect(await ok('ps', '-q', '--no-trunc', '--filter', 'status=restarting')).toMatch(/^[0-9a-f]{64}$/)
    expect((await sandbox().podwright(['rm', 'again'])).stderr).toContain('cannot remove again: it is restarting')
    await ok('container', 'prune', '-f')
    expect(await ok('stop', 'again')).toBe('again')
    expect(await fact('again', '{{.State.Status}} {{.State.Restarting}}')).toBe('exited false')
    await noKeeper()
    await ok('start', 'again')
    await until(() => fact('again', '{{.RestartCount}}'), /^[1-3]$/)
    await ok('rm', '-f', 'again')
    await run('--name', 'long', '--restart', 'unless-stopped', busybox, 'sleep', '300')
    await ok('kill', 'long')
    await until(() => fact('long', '{{.State.Status}}'), 'exited')
    await noKeeper()
    expect(await ok('ps', '-q')).toBe('')
    expect(await ok('start', '--all', '--filter', 'restart-policy=always')).toBe('')
    expect(await ok('start', '--filter', 'restart-policy=unless-stopped')).toMatch(/^[0-9a-f]{64}$/)
    expect(await ok('ps', '--format', '{{.Names}} {{.Restarts}}')).toBe('long 0')
    await ok('rm', '-f', 'long')
    await noKeeper()
  })

  test('a keeper that was killed is followed by another with the next command', async () => {
    await run('--name', 'again', '--restart', 'always', busybox, 'sh', '-c', 'sleep 0.2; exit 1')
    await until(() => Promise.resolve(String(keepers().length)), '1')
    for (const pid of keepers()) process.kill(pid, 'SIGKILL')
    await until(() => Promise.resolve(String(keepers().length)), '0')
    await sleep(200)
    const restarts = async (): Promise<number> => Number(await fact('again', '{{.RestartCount}}'))
    const before = await restarts()
    await expect.poll(restarts, { timeout: 10_000 }).toBeGreaterThan(before)
    await ok('rm', '-f', 'again')
    await noKeeper()
  })

  test('wait --condition: until it is so; the exit code where there is one', async () => {
    await ok('create', '--name', 'slow', '--network', 'none', busybox, 'sh', '-c', 'sleep 0.3; exit 4')
    expect(await ok('wait', '--condition', 'created', 'slow')).toBe('-1')
    const running = sandbox().start(['wait', '--condition=running', '-i', '20ms', 'slow']).result
    const removed = sandbox().start(['wait', '--condition', 'removed', '--interval', '20', 'slow']).result
    await ok('start', 'slow')
    expect(await running).toMatchObject({ code: 0, stdout: '-1\n' })
    expect(await ok('wait', '--condition', 'paused,exited', 'slow')).toBe('4')
    expect(await ok('wait', '--condition=stopped', 'slow')).toBe('4')
    await ok('rm', 'slow')
    expect(await removed).toMatchObject({ code: 0, stdout: '4\n' })
    expect(await ok('wait', '--condition', 'running', '--ignore', 'slow')).toBe('-1')
    const { podwright } = sandbox()
    expect((await podwright(['wait', '--condition', 'running', 'slow'])).stderr).toContain('no container has the name or id "slow"')
    expect((await podwright(['wait', '--condition', 'odd', 'slow'])).stderr).toContain('invalid value "odd" for --condition')
    await run('--name', 'unchecked', busybox, 'sleep', '300')
    expect((await podwright(['wait', '--condition', 'healthy', 'unchecked'])).stderr).toContain(
      'cannot wait until unchecked is healthy: it has no health check',
    )
    await ok('rm', '-f', 'unchecked')
    expect((await podwright(['wait', '--interval', 'often', 'slow'])).stderr).toContain('invalid value "often" for --interval')
  })

  test('containers in a place of their own leave the boot of this machine alone; system boot says what is so', async () => {
    await run('--name', 'here', '--restart', 'always', busybox, 'sleep', '300')
    expect(existsSync(join(sandbox().home, '.config/systemd'))).toBe(false)
    await ok('rm', '-f', 'here')
    expect(await ok('system', 'boot')).toMatch(/after a reboot/)
    const both = await sandbox().podwright(['system', 'boot', '--enable', '--disable'])
    expect(both).toMatchObject({ code: 125, stdout: '' })
    expect(both.stderr).toContain('contradict each other')
  })

  test('what contradicts itself, or is no policy, is refused', async () => {
    const refused = async (...flags: readonly string[]): Promise<string> => {
      const { code, stderr } = await sandbox().podwright(['create', ...flags, busybox])
      expect(code).toBe(125)
      return stderr
    }
    expect(await refused('--rm', '--restart', 'always')).toContain('--rm and --restart always contradict each other')
    expect(await refused('--rm', '--restart=unless-stopped')).toContain('contradict')
    expect(await refused('--restart', 'sometimes')).toContain('"sometimes" is not a valid restart policy')
    expect(await refused('--restart', 'always:3')).toContain('only on-failure can have a number of retries')
    expect(await ok('run', '--rm', '--restart', 'no', '--network', 'none', busybox, 'echo', 'ok')).toBe('ok')
  })
})
