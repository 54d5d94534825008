import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const run = (...args: readonly string[]): Promise<string> => ok('run', '-d', '--network', 'none', '--stop-timeout', '0', ...args)
  const fact = (name: string, template: string): Promise<string> => ok('inspect', name, '--format', template)

  /** Looks again until it is so. */
  const until = async (look: () => Promise<string>, expected: RegExp): Promise<void> => {
    let text = await look()
    for (let attempt = 0; attempt < 100 && !expected.test(text); attempt++) {
      await sleep(50)
      text = await look()
    }
    expect(text).toMatch(expected)
  }

  test('ps, inspect, wait, events and filters tell how a container is', async () => {
    await run(
      '--name',
      'web',
      '--health-cmd',
      'echo looked; test -e /ready',
      '--health-interval',
      '200ms',
      '--health-retries',
      '1',
      busybox,
      'sleep',
      '300',
    )
    expect(await ok('ps', '--format', '{{.Status}}')).toMatch(/^Up .* \((health: starting|unhealthy)\)$/)
    await until(() => fact('web', '{{.State.Health.Status}}'), /^unhealthy$/)
    expect(await ok('ps', '-q', '--no-trunc', '--filter', 'health=unhealthy')).toMatch(/^[0-9a-f]{64}$/)
    expect(await ok('ps', '-q', '--filter', 'health=none')).toBe('')
    const waiting = ok('wait', '--condition', 'healthy', 'web')
    await ok('exec', 'web', 'touch', '/ready')
    expect(await waiting).toBe('-1')
    expect(await ok('ps', '--format', '{{.Status}}')).toMatch(/ \(healthy\)$/)
    const log = JSON.parse(await fact('web', '{{json .State.Health.Log}}')) as readonly {
      readonly ExitCode: number
      readonly Output: string
    }[]
    expect(log.at(-1)).toMatchObject({ ExitCode: 0, Output: 'looked\n' })
    expect(await fact('web', '{{json .Config.Healthcheck.Test}} {{.Config.Healthcheck.Interval}}')).toBe(
      '["CMD-SHELL","echo looked; test -e /ready"] 200000000',
    )
    const told = await ok('events', '--until', '0s', '--filter', 'event=health_status', '--format', '{{.Attributes.health_status}}')
    expect(told.split('\n')).toEqual(['unhealthy', 'healthy'])
    await ok('rm', '-f', 'web')
  })

  test('healthcheck run exits with what it finds', async () => {
    await run('--name', 'hand', '--health-cmd', 'test -e /ready', '--health-interval', 'disable', busybox, 'sleep', '300')
    expect(await sandbox().podwright(['healthcheck', 'run', 'hand'])).toMatchObject({ code: 1, stdout: 'unhealthy\n' })
    await ok('exec', 'hand', 'touch', '/ready')
    expect(await sandbox().podwright(['healthcheck', 'run', 'hand'])).toMatchObject({ code: 0, stdout: '' })
    await ok('stop', 'hand')
    const stopped = await sandbox().podwright(['healthcheck', 'run', 'hand'])
    expect(stopped).toMatchObject({ code: 125 })
    expect(stopped.stderr).toContain('it is exited')
    await ok('rm', 'hand')
    await ok('create', '--name', 'plain', busybox, 'true')
    const plain = await sandbox().podwright(['healthcheck', 'run', 'plain'])
    expect(plain).toMatchObject({ code: 125 })
    expect(plain.stderr).toContain('it has no health check')
    await ok('rm', 'plain')
  })

  test("the image's check is a container's own, until it is taken away or changed", async () => {
    await ok('create', '--name', 'base', busybox, 'sleep', '300')
    await ok('commit', '-q', '--format', 'docker', '--change', 'HEALTHCHECK --interval=200ms --retries=1 CMD false', 'base', 'checked')
    await run('--name', 'of-image', 'checked')
    await until(() => fact('of-image', '{{.State.Health.Status}}'), /^unhealthy$/)
    await run('--name', 'without', '--no-healthcheck', 'checked')
    expect(await fact('without', '{{if .State.Health}}has{{else}}none{{end}}')).toBe('none')
    await run('--name', 'changed', '--health-cmd', 'true', 'checked')
    await until(() => fact('changed', '{{.State.Health.Status}}'), /^healthy$/)
    await ok('rm', '-f', 'base', 'of-image', 'without', 'changed')
  })

  test('a container that is not well is killed, and its restart policy holds', async () => {
    const flags = ['--health-cmd', 'false', '--health-interval', '100ms', '--health-retries', '1', '--health-on-failure', 'kill']
    await run('--name', 'ill', ...flags, '--restart', 'on-failure:1', busybox, 'sleep', '300')
    await until(() => fact('ill', '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}'), /^exited 137 1$/)
    expect(await ok('rm', 'ill')).toBe('ill')
  })

  test('what contradicts itself is refused before anything is made', async () => {
    const both = await sandbox().podwright(['create', '--name', 'no', '--no-healthcheck', '--health-cmd', 'x', busybox])
    expect(both).toMatchObject({ code: 125 })
    const empty = await sandbox().podwright(['create', '--name', 'no', '--health-retries', '2', busybox])
    expect(empty).toMatchObject({ code: 125 })
    expect(empty.stderr).toContain('a health check needs a command, and the image has none')
    expect(await ok('ps', '-aq', '--filter', 'name=no')).toBe('')
  })
})
