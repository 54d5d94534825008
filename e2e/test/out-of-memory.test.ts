import { beforeAll, expect } from 'vitest'
import { asEachRole, defineTest } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const isKilled = (name: string): Promise<string> => ok('inspect', '-f', '{{.State.OOMKilled}} {{.State.ExitCode}}', name)
  const actions = async (name: string): Promise<string[]> => {
    const text = await ok('events', '--stream=false', '--format', '{{.Status}}', '--filter', `container=${name}`)
    return text.split('\n').filter((action) => action === 'oom' || action === 'died')
  }
  const greedy = ['sh', '-c', 'test -e /modest && exit 0; exec sort /dev/zero']

  beforeAll(async () => {
    await ok('pull', '-q', busybox)
  })

  // A plain user's containers have no limit of memory on cgroups v1.
  defineTest(
    'who is killed for want of memory is told so by inspect and by an event, once, until it runs again',
    { concerns: !role.rootless },
    async () => {
      await ok('create', '--name', 'greedy', '--network', 'none', '-m', '16m', busybox, ...greedy)
      expect(await isKilled('greedy')).toBe('false 0')
      expect((await sandbox().podwright(['start', '-a', 'greedy'])).code).toBe(137)
      expect(await isKilled('greedy')).toBe('true 137')
      expect(await ok('ps', '-a', '--filter', 'name=greedy', '--format', '{{.Status}}')).toMatch(/^Exited \(137\)/)
      expect(await actions('greedy')).toEqual(['oom', 'died'])
      await ok('cp', '/etc/hostname', 'greedy:/modest')
      await ok('start', '-a', 'greedy')
      expect(await isKilled('greedy')).toBe('false 0')
      expect(await actions('greedy')).toEqual(['oom', 'died', 'died'])
      await ok('rm', 'greedy')
    },
  )

  defineTest('one that removes itself leaves the event', { concerns: !role.rootless }, async () => {
    const { code } = await sandbox().podwright(['run', '--rm', '--name', 'brief', '--network', 'none', '-m', '16m', busybox, ...greedy])
    expect(code).toBe(137)
    expect(await actions('brief')).toEqual(['oom', 'died'])
  })

  defineTest('who is killed by somebody is not', {}, async () => {
    await ok('run', '-d', '--name', 'killed', '--network', 'none', busybox, 'sleep', '100')
    await ok('kill', 'killed')
    await ok('wait', 'killed')
    expect(await isKilled('killed')).toBe('false 137')
    expect(await actions('killed')).toEqual(['died'])
    await ok('rm', 'killed')
  })
})
