import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { asEachRole, defineTest } from '../harness/roles-suite.ts'
import type { RunResult } from '../harness/run.ts'

/** What `inspect` says of a container's state. */
interface State {
  readonly Status: string
  readonly Pid: number
  readonly ExitCode: number
}

const noGroups = ['freezer', 'cgroup.controllers'].some((name) => existsSync(`/sys/fs/cgroup/${name}`)) ? undefined : 'needs control groups'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const podwright = (...args: readonly string[]): Promise<RunResult> => sandbox().podwright(args)
  const stateOf = async (name: string): Promise<State> => {
    const [details] = JSON.parse(await ok('container', 'inspect', name)) as readonly { readonly State: State }[]
    return details!.State
  }
  const sleeper = (name: string, ...flags: readonly string[]): Promise<string> =>
    ok('run', '-d', '--name', name, '--stop-timeout', '0', ...flags, busybox, 'sleep', '300')

  const untilLogged = async (name: string, text: string): Promise<void> => {
    for (let attempt = 0; attempt < 100 && (await ok('logs', name)) !== text; attempt++) await sleep(50)
    expect(await ok('logs', name)).toBe(text)
  }

  test('restart: what runs is ended and starts again, what does not run is started; its log goes on', async () => {
    await ok('run', '-d', '--name', 'again', busybox, 'sh', '-c', 'echo begins; trap "exit 0" TERM; while :; do sleep 0.1; done')
    const before = await stateOf('again')
    await untilLogged('again', 'begins')
    expect(await ok('restart', 'again')).toBe('again')
    expect(await stateOf('again')).toMatchObject({ Status: 'running', ExitCode: 0 })
    expect((await stateOf('again')).Pid).not.toBe(before.Pid)
    await untilLogged('again', 'begins\nbegins')
    await ok('stop', 'again')
    expect(await ok('container', 'restart', '--latest')).toMatch(/^[0-9a-f]{64}$/)
    expect(await stateOf('again')).toMatchObject({ Status: 'running' })
    await ok('rm', '-f', 'again')
  })

  test('restart: several, all, those that run, and what is not there', async () => {
    const ids = [await sleeper('one'), await sleeper('two')]
    const resting = await ok('create', '--name', 'resting', busybox, 'sleep', '300')
    const pids = await Promise.all(ids.map(async (id) => (await stateOf(id)).Pid))
    expect((await ok('restart', '--running')).split('\n').toSorted()).toEqual(ids.toSorted())
    for (const [at, id] of ids.entries()) expect((await stateOf(id)).Pid).not.toBe(pids[at])
    expect(await stateOf('resting')).toMatchObject({ Status: 'created' })
    expect((await ok('restart', '-t', '0', '--all')).split('\n').toSorted()).toEqual([...ids, resting].toSorted())
    expect(await stateOf('resting')).toMatchObject({ Status: 'running' })
    const { code, stdout, stderr } = await podwright('restart', 'nobody', 'two')
    expect({ code, stdout }).toEqual({ code: 125, stdout: 'two\n' })
    expect(stderr).toContain('no container has the name or id "nobody"')
    await ok('rm', '-f', 'one', 'two', 'resting')
  })

  test('restart: one that is removed at its end stays until then, whoever waits for it', async () => {
    await sleeper('brief', '--rm')
    await ok('restart', 'brief')
    expect(await stateOf('brief')).toMatchObject({ Status: 'running' })
    await ok('stop', 'brief')
    expect((await podwright('inspect', 'brief')).code).toBe(1)
  })

  test('rename: one that runs and one that does not, by name and by id; its old name is free', async () => {
    const id = await sleeper('before')
    expect(await podwright('rename', 'before', 'after')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect((await podwright('inspect', 'before')).code).toBe(1)
    expect(await ok('exec', 'after', 'echo', 'up')).toBe('up')
    expect(await ok('inspect', '-f', '{{.ID}}', 'after')).toBe(id)
    expect(await ok('ps', '--format', '{{.Names}}')).toBe('after')
    await ok('create', '--name', 'before', busybox, 'true')
    await ok('stop', 'after')
    await ok('container', 'rename', id.slice(0, 12), 'last')
    expect(await ok('logs', 'last')).toBe('')
    await ok('restart', 'last')
    expect(await ok('exec', 'last', 'cat', '/etc/hosts')).toContain('last')
    await ok('rm', '-f', 'last', 'before')
  })

  test('rename: to a name that is taken or is none, and of nothing', async () => {
    await ok('create', '--name', 'first', busybox, 'true')
    const second = await ok('create', '--name', 'second', busybox, 'true')
    const taken = await podwright('rename', 'first', 'second')
    expect(taken).toMatchObject({ code: 125, stdout: '' })
    expect(taken.stderr).toContain(`the container name "second" is in use by container ${second}`)
    expect((await podwright('rename', 'first', '-x')).code).toBe(125)
    expect((await podwright('rename', 'first', 'a b')).stderr).toContain("can't be a container's name")
    expect((await podwright('rename', 'nobody', 'x')).stderr).toContain('no container has the name or id "nobody"')
    expect((await podwright('rename', 'first')).code).toBe(125)
    expect(await podwright('rename', 'first', 'first')).toMatchObject({ code: 0 })
    const several = await Promise.all(['first', 'second'].map((name) => podwright('rename', name, 'wanted')))
    expect(several.map(({ code }) => code).toSorted()).toEqual([0, 125])
    expect((await ok('rm', '-a')).split('\n')).toHaveLength(2)
  })

  defineTest(
    'pause: what runs stands still until unpause, and ends when it is told to',
    { concerns: !role.rootless, missing: noGroups },
    async () => {
      const ids = [await sleeper('still'), await sleeper('quiet')]
      expect(await ok('pause', 'still')).toBe('still')
      expect(await stateOf('still')).toMatchObject({ Status: 'paused', Paused: true, Running: true })
      expect(await ok('ps', '--filter', 'status=paused', '--format', '{{.Names}} {{.Status}}')).toMatch(/^still Up .* \(Paused\)$/)
      for (const [verb, ...rest] of [
        ['pause', 'still'],
        ['exec', 'still', 'true'],
        ['start', 'still'],
        ['rm', 'still'],
      ] as const) {
        const { code, stderr } = await podwright(verb, ...rest)
        expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringContaining('it is paused') })
      }
      expect(await ok('unpause', 'still')).toBe('still')
      expect(await podwright('unpause', 'still')).toMatchObject({ code: 125, stderr: expect.stringContaining('it is running, not paused') })
      expect(await ok('exec', 'still', 'echo', 'on')).toBe('on')
      expect((await ok('pause', '--all')).split('\n').toSorted()).toEqual(ids.toSorted())
      expect(await ok('unpause', '--all')).toBe(await ok('ps', '-q', '--no-trunc'))
      await ok('container', 'pause', 'still', 'quiet')
      await ok('stop', 'still')
      await ok('kill', 'quiet')
      expect((await podwright('pause', 'still')).stderr).toContain('it is exited')
      await ok('start', 'still')
      await ok('pause', 'still')
      expect(await ok('rm', '-f', 'still', 'quiet')).toBe('still\nquiet')
    },
  )

  defineTest('pause: a plain user is told by name what is missing', { concerns: role.rootless }, async () => {
    await sleeper('still')
    const { code, stderr } = await podwright('pause', 'still')
    expect(code).toBe(125)
    expect(stderr).toContain("cannot pause still: a plain user's containers here have no control groups")
    expect(stderr).toContain('Or run the container as root.')
    expect((await podwright('unpause', 'still')).stderr).toContain('it is running, not paused')
    expect(await stateOf('still')).toMatchObject({ Status: 'running' })
    await ok('rm', '-f', 'still')
  })

  test('container exists: by its exit status alone, running or not', async () => {
    const id = await ok('create', '--name', 'there', busybox, 'true')
    for (const reference of ['there', id, id.slice(0, 12)]) {
      expect(await podwright('container', 'exists', reference)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    }
    await ok('start', 'there')
    expect((await podwright('container', 'exists', '--external', 'there')).code).toBe(0)
    await ok('rm', '-f', 'there')
    expect(await podwright('container', 'exists', 'there')).toMatchObject({ code: 1, stdout: '', stderr: '' })
    expect((await podwright('container', 'exists')).code).toBe(125)
  })

  test('restart: with volumes and a network of its own, everything is there again', async () => {
    await ok(
      'run',
      '-d',
      '--name',
      'held',
      '--stop-timeout',
      '0',
      '-v',
      'kept:/data',
      busybox,
      'sh',
      '-c',
      'echo x >>/data/runs; sleep 300',
    )
    await ok('restart', 'held')
    expect(await ok('exec', 'held', 'sh', '-c', 'wc -l </data/runs; ls /sys/class/net')).toMatch(/^2\n[^]*lo/)
    await ok('rm', '-f', 'held')
    await ok('volume', 'rm', 'kept')
  })
})
