import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'
import type { RunResult } from '../harness/run.ts'

interface Listed {
  readonly Id: string
  readonly Names: string | readonly string[]
  readonly State: string
  readonly Status: string
  readonly ExitCode?: number
}

asEachRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const podwright = (...args: readonly string[]): Promise<RunResult> => sandbox().podwright(args)
  const listed = async (name: string): Promise<Listed | undefined> => {
    const list = JSON.parse(await ok('ps', '-a', '--format', 'json')) as readonly Listed[]
    return list.find((entry) => [entry.Names].flat().includes(name))
  }

  test('a container from its start to its end', async () => {
    const id = await ok('run', '-d', '--name', 'web', busybox, 'sh', '-c', 'echo started; trap "exit 3" TERM; while :; do sleep 0.1; done')
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    expect(await listed('web')).toMatchObject({ Id: expect.stringContaining(id.slice(0, 12)), State: 'running' })

    expect(await ok('exec', 'web', 'id')).toContain('uid=0(root)')
    expect(await ok('logs', 'web')).toBe('started')
    expect(await ok('stop', '-t', '5', 'web')).toBe('web')
    expect(await ok('wait', 'web')).toBe('3')
    expect(await listed('web')).toMatchObject({ State: 'exited', Status: expect.stringMatching(/^Exited \(3\)/) })
    expect(await ok('rm', 'web')).toBe('web')
    expect(await listed('web')).toBeUndefined()
  })

  test('a command that does not listen is killed after the time', async () => {
    await ok('run', '-d', '--name', 'deaf', busybox, 'sleep', '100')
    await ok('stop', '-t', '1', 'deaf')
    expect(await ok('wait', 'deaf')).toBe('137')
    await ok('rm', 'deaf')
  })

  test('create, start, and start again: logs go on', async () => {
    const id = await ok('create', '--name', 'twice', busybox, 'sh', '-c', 'echo run; exit 4')
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    expect(await listed('twice')).toMatchObject({ State: 'created' })
    for (const _ of [1, 2]) {
      expect(await ok('start', 'twice')).toBe('twice')
      expect(await ok('wait', 'twice')).toBe('4')
    }
    expect(await ok('logs', 'twice')).toBe('run\nrun')
    await ok('rm', 'twice')
  })

  test('start -a attaches, and exits as the command', async () => {
    await ok('create', '--name', 'attached', busybox, 'sh', '-c', 'echo hello; exit 6')
    expect(await podwright('start', '-a', 'attached')).toMatchObject({ code: 6, stdout: 'hello\n' })
    await ok('rm', 'attached')
  })

  test('exec: its exit code, stdin, environment, directory and user', async () => {
    await ok('run', '-d', '--name', 'host', busybox, 'sleep', '100')
    expect((await podwright('exec', 'host', 'sh', '-c', 'exit 8')).code).toBe(8)
    expect((await podwright('exec', 'host', 'no-such-command')).code).toBe(127)
    expect((await podwright('exec', 'host', '/etc/not-executable')).code).toBe(126)
    expect((await sandbox().podwright(['exec', '-i', 'host', 'cat'], { input: 'in\n' })).stdout).toBe('in\n')
    expect(await ok('exec', '-e', 'A=b', '-w', '/var', '-u', 'alice', 'host', 'sh', '-c', 'echo $A; pwd; id -u')).toBe('b\n/var\n1000')
    await ok('rm', '-f', '-t', '0', 'host')
    expect((await podwright('exec', 'host', 'true')).code).toBe(125)
  })

  test('kill sends KILL, or what is asked for', async () => {
    await ok('run', '-d', '--name', 'killed', busybox, 'sleep', '100')
    expect(await ok('kill', 'killed')).toBe('killed')
    expect(await ok('wait', 'killed')).toBe('137')
    await ok('rm', 'killed')
    await ok('run', '-d', '--name', 'hup', busybox, 'sh', '-c', 'trap "exit 11" HUP; echo ready; while :; do sleep 0.1; done')
    await untilLogged('hup', 'ready')
    await ok('kill', '-s', 'HUP', 'hup')
    expect(await ok('wait', 'hup')).toBe('11')
    await ok('rm', 'hup')
  })

  const untilLogged = async (name: string, text: string): Promise<void> => {
    for (let attempt = 0; attempt < 100 && !(await ok('logs', name)).includes(text); attempt++) await sleep(50)
  }

  test('rm refuses a container that runs, -f does not', async () => {
    await ok('run', '-d', '--name', 'busy', busybox, 'sleep', '100')
    const { stderr, code } = await podwright('rm', 'busy')
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/busy/)
    expect(await ok('rm', '-f', '-t', '0', 'busy')).toBe('busy')
  })

  test('rm and inspect of what is not there', async () => {
    expect((await podwright('rm', 'nobody')).code).toBe(1)
    expect((await podwright('rm', '-f', 'nobody')).code).toBe(0)
    expect((await podwright('inspect', 'nobody')).code).toBe(1)
    expect((await podwright('stop', 'nobody')).code).toBe(125)
  })

  test('logs: -f follows to the end, --tail, -t, and each stream comes out on its own', async () => {
    await ok('run', '-d', '--name', 'talker', busybox, 'sh', '-c', 'for i in 1 2 3; do echo line $i; sleep 0.3; done; echo bad >&2')
    const followed = await podwright('logs', '-f', 'talker')
    expect(followed.stdout).toBe('line 1\nline 2\nline 3\n')
    expect(followed.stderr).toBe('bad\n')
    expect((await podwright('logs', '--tail', '2', 'talker')).stdout).toBe('line 3\n')
    expect((await podwright('logs', '-t', 'talker')).stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d) line 1\n/)
    await ok('rm', 'talker')
  })

  test('the log keeps bytes and lines without an end', async () => {
    await ok('run', '--name', 'bytes', busybox, 'printf', 'a\\000\\377b')
    const { stdoutBytes } = await podwright('logs', 'bytes')
    expect([...stdoutBytes]).toEqual([0x61, 0, 0xff, 0x62])
    await ok('rm', 'bytes')
  })

  test('references: a name, an id, the start of an id', async () => {
    const id = await ok('create', '--name', 'named', busybox, 'true')
    for (const reference of ['named', id, id.slice(0, 12)]) {
      const [details] = JSON.parse(await ok('inspect', reference)) as readonly { readonly Id: string; readonly Name: string }[]
      expect(details).toMatchObject({ Id: id, Name: expect.stringMatching(/^\/?named$/) })
    }
    await ok('rm', id.slice(0, 12))
  })

  test('the exit code is known also when nobody waited', async () => {
    await ok('run', '-d', '--name', 'alone', busybox, 'sh', '-c', 'exit 21')
    for (let attempt = 0; attempt < 100 && (await listed('alone'))?.State !== 'exited'; attempt++) await sleep(50)
    expect(await ok('wait', 'alone')).toBe('21')
    expect(JSON.parse(await ok('inspect', 'alone'))).toMatchObject([{ State: { Status: 'exited', ExitCode: 21 } }])
    await ok('rm', 'alone')
  })

  test('the exit code is known also when the command line was killed', async () => {
    const running = sandbox().start(['run', '--name', 'orphan', busybox, 'sh', '-c', 'echo up; sleep 1; exit 22'])
    await running.untilStdout('up')
    running.child.kill('SIGKILL')
    expect(await ok('wait', 'orphan')).toBe('22')
    await ok('rm', 'orphan')
  })

  test('-d --rm removes it after its end', async () => {
    await ok('run', '-d', '--rm', '--name', 'brief', busybox, 'sleep', '0.2')
    for (let attempt = 0; attempt < 100 && (await listed('brief')) !== undefined; attempt++) await sleep(50)
    expect(await listed('brief')).toBeUndefined()
  })

  test('several at once', async () => {
    const names = ['p1', 'p2', 'p3', 'p4']
    await Promise.all(names.map((name) => ok('run', '-d', '--name', name, busybox, 'sleep', '100')))
    expect((await ok('ps', '-q')).split('\n')).toHaveLength(names.length)
    expect((await ok('rm', '-f', '-t', '0', ...names)).split('\n').toSorted()).toEqual(names)
  })
})
