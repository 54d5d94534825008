import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { asEachRole, defineTest } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const run = (...args: readonly string[]): Promise<string> => ok('run', '-d', '--network', 'none', '--stop-timeout', '0', ...args)
  const fact = (name: string, template: string): Promise<string> => ok('inspect', name, '--format', template)

  /** A file of a container's control group: version 1, or version 2 where they differ. */
  const limitOf = async (name: string, controller: string, file: string): Promise<string> => {
    const lines = readFileSync(`/proc/${await fact(name, '{{.State.Pid}}')}/cgroup`, 'utf8').split('\n')
    const found = lines.find((line) => line.split(':')[1]?.split(',').includes(controller))
    if (found === undefined) throw new Error(`no control group of ${controller}`)
    const [, , ...path] = found.split(':')
    return readFileSync(`/sys/fs/cgroup/${controller}${path.join(':')}/${file}`, 'utf8').trim()
  }

  defineTest('limits of a container that runs hold at once, and after its next start', { concerns: !role.rootless }, async () => {
    await run('--name', 'small', '--memory', '100m', busybox, 'sleep', '300')
    expect(await ok('update', '--memory', '200m', '--cpus', '1.5', '--pids-limit', '55', 'small')).toBe('small')
    const kernel = async (): Promise<readonly string[]> => [
      await limitOf('small', 'memory', 'memory.limit_in_bytes'),
      await limitOf('small', 'pids', 'pids.max'),
      await limitOf('small', 'cpu', 'cpu.cfs_quota_us'),
    ]
    expect(await kernel()).toEqual([String(200 * 2 ** 20), '55', '150000'])
    const facts = '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.PidsLimit}} {{.HostConfig.NanoCpus}}'
    expect(await fact('small', facts)).toBe(`${200 * 2 ** 20} ${400 * 2 ** 20} 55 1500000000`)
    await ok('restart', 'small')
    expect(await kernel()).toEqual([String(200 * 2 ** 20), '55', '150000'])
    await ok('update', '--pids-limit', '-1', 'small')
    expect(Number(await limitOf('small', 'pids', 'pids.max'))).toBeGreaterThan(4_000_000)
    const refused = await sandbox().podwright(['update', '--memory', '1k', 'small'])
    expect(refused.code).toBe(125)
    expect(await fact('small', '{{.HostConfig.Memory}}')).toBe(String(200 * 2 ** 20))
    await ok('rm', '-f', 'small')
  })

  defineTest('limits of one that does not run hold from its start on', { concerns: !role.rootless }, async () => {
    await ok('create', '--name', 'later', '--network', 'none', '--stop-timeout', '0', busybox, 'sleep', '300')
    await ok('update', '-m', '64m', 'later')
    await ok('start', 'later')
    expect(await limitOf('later', 'memory', 'memory.limit_in_bytes')).toBe(String(64 * 2 ** 20))
    await ok('rm', '-f', 'later')
  })

  test('a restart policy is given, and taken away', async () => {
    await run('--name', 'policy', busybox, 'sh', '-c', 'sleep 1; exit 4')
    await ok('update', '--restart', 'on-failure:2', 'policy')
    const state = (): Promise<string> => fact('policy', '{{.State.Status}} {{.RestartCount}} {{.HostConfig.RestartPolicy.Name}}')
    let found = await state()
    for (let attempt = 0; attempt < 100 && found !== 'exited 2 on-failure'; attempt++) {
      await sleep(50)
      found = await state()
    }
    expect(found).toBe('exited 2 on-failure')
    await ok('update', '--restart', 'no', 'policy')
    expect(await fact('policy', '{{.HostConfig.RestartPolicy.Name}}')).toBe('no')
    expect(await ok('events', '--until', '0s', '--filter', 'event=update', '--filter', 'container=policy', '--format', '{{.Status}}')).toBe(
      'update\nupdate',
    )
    await ok('rm', 'policy')
  })

  test('a health check and variables are given, changed and taken away', async () => {
    await run('--name', 'fit', '-e', 'OLD=1', '-e', 'KEPT=1', busybox, '/bin/sh', '-c', '/bin/env > /seen; exec /bin/sleep 300')
    const health = (): Promise<string> => fact('fit', '{{if .State.Health}}{{.State.Health.Status}}{{end}}')
    await ok('update', '--health-cmd', 'test -e /fit', '--health-interval', '200ms', '--health-retries', '1', 'fit')
    await expect.poll(health, { timeout: 8000 }).toBe('unhealthy')
    await ok('exec', 'fit', 'touch', '/fit')
    await expect.poll(health, { timeout: 8000 }).toBe('healthy')
    await ok('update', '--health-cmd', 'test -e /other', '-e', 'NEW=2', '--unsetenv', 'OLD', '--unsetenv', 'PATH', 'fit')
    await expect.poll(health, { timeout: 8000 }).toBe('unhealthy')
    expect(await ok('describe', 'fit')).toMatch(/--health-interval 200ms --health-retries 1/)
    await ok('update', '--no-healthcheck', 'fit')
    expect(await health()).toBe('')
    await ok('restart', 'fit')
    await expect.poll(() => ok('exec', 'fit', '/bin/cat', '/seen'), { timeout: 5000 }).toMatch(/^NEW=2$/m)
    const seen = await ok('exec', 'fit', '/bin/cat', '/seen')
    expect(seen).toMatch(/^KEPT=1$/m)
    expect(seen).not.toMatch(/^OLD=/m)
    expect(await ok('describe', 'fit')).toMatch(/--unsetenv OLD --unsetenv PATH/)
    await ok('rm', '-f', 'fit')
  })

  test('what can not be is refused', async () => {
    await run('--name', 'own', '--rm', busybox, 'sleep', '300')
    const refusal = async (...args: readonly string[]): Promise<string> => {
      const { code, stderr } = await sandbox().podwright(['update', ...args])
      expect(code).toBe(125)
      return stderr
    }
    expect(await refusal('own')).toContain('nothing is to be changed')
    expect(await refusal('--restart', 'always', 'own')).toContain('it is removed when it ends')
    expect(await refusal('--restart', 'sometimes', 'own')).toContain('"sometimes" is not a valid restart policy')
    expect(await refusal('--health-retries', '2', 'own')).toContain('cannot change the health check of own: it has none')
    expect(await refusal('--memory', '64m', 'none')).toContain('no container has the name or id "none"')
    if (role.rootless) expect(await refusal('--memory', '64m', 'own')).toContain('have no control groups')
    await ok('rm', '-f', 'own')
  })
})
