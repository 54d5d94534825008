import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const create = (name: string, ...words: readonly string[]): Promise<string> =>
    sandbox().ok(['create', '--network', 'none', '--name', name, ...words])
  const state = (name: string): Promise<string> =>
    sandbox().ok(['inspect', name, '--format', '{{.State.Status}} {{.State.Running}} {{if .State.Pid}}process{{end}}'])
  const pidOf = async (name: string): Promise<number> => Number(await sandbox().ok(['inspect', name, '--format', '{{.State.Pid}}']))

  afterEach(async () => {
    await sandbox().ok(['rm', '-f', '-a', '-t', '0'])
  })

  test('init makes the process, and start lets it run', async () => {
    const { ok, podwright, home } = sandbox()
    await create('it', '-v', 'kept:/kept', busybox, 'sh', '-c', 'cat /kept/before /kept/given; exit 3')
    expect(await ok(['init', 'it'])).toBe('it')
    expect(await state('it')).toBe('initialized false process')
    expect(await ok(['ps', '-q'])).toBe('')
    expect(await ok(['ps', '-a', '--filter', 'status=initialized', '--format', '{{.Names}} {{.Status}}'])).toBe('it Initialized')
    const spec = JSON.parse(await ok(['describe', '--as', 'spec', 'it'])) as { readonly process: { readonly args: readonly string[] } }
    expect(spec.process.args[0]).toBe('sh')
    // Its root and its volumes are mounted, and seen by who knows the process.
    if (!role.rootless) expect(existsSync(`/proc/${await pidOf('it')}/root/bin/busybox`)).toBe(true)
    writeFileSync(join(home, 'given'), 'given\n')
    await ok(['cp', join(home, 'given'), 'it:/kept/given'])
    await ok(['cp', join(home, 'given'), 'it:/kept/before'])
    for (const [words, said] of [
      [['init', 'it'], 'cannot initialize it: it is initialized already'],
      [['exec', 'it', 'true'], 'it is initialized'],
      [['kill', 'it'], 'it is initialized'],
      [['pause', 'it'], 'it is initialized'],
    ] as const) {
      expect(await podwright(words)).toMatchObject({ code: 125, stderr: expect.stringContaining(said) })
    }
    expect(await podwright(['start', '-a', 'it'])).toMatchObject({ code: 3, stdout: 'given\ngiven\n' })
    expect(await state('it')).toBe('exited false')
    // One that has run is initialized, too.
    await ok(['container', 'init', '--latest'])
    expect(await state('it')).toBe('initialized false process')
    await ok(['rm', 'it'])
    const actions = await ok(['events', '--stream=false', '--filter', 'container=it', '--format', '{{.Status}}'])
    expect(actions.split('\n').filter((action) => action === 'init')).toHaveLength(2)
  })

  test('stop and rm take it away, at once', async () => {
    const { ok } = sandbox()
    await create('it', busybox, 'sleep', '100')
    await create('other', '--rm', busybox, 'sleep', '100')
    await ok(['init', '--all'])
    const begun = Date.now()
    await ok(['stop', 'it', 'other'])
    expect(Date.now() - begun).toBeLessThan(8_000)
    expect(await ok(['ps', '-a', '--format', '{{.Names}} {{.State}}'])).toBe('it exited')
    await ok(['init', 'it'])
    const pid = await pidOf('it')
    await ok(['rm', 'it'])
    expect(existsSync(`/proc/${pid}`)).toBe(false)
    expect(await ok(['ps', '-aq'])).toBe('')
  })

  test('one whose process is killed has ended, whatever its policy, and can be made anew', async () => {
    const { ok } = sandbox()
    await create('it', '--restart', 'always', busybox, 'sh', '-c', 'echo ran; sleep 100')
    await ok(['init', 'it'])
    process.kill(await pidOf('it'), 'SIGKILL')
    await expect.poll(() => state('it'), { timeout: 10_000 }).toBe('exited false')
    await ok(['init', 'it'])
    process.kill(await pidOf('it'), 'SIGKILL')
    await ok(['start', 'it'])
    expect(await state('it')).toBe('running true process')
    await ok(['stop', '-t', '0', 'it'])
    await ok(['init', 'it'])
    await ok(['restart', '-t', '0', 'it'])
    expect(await state('it')).toBe('running true process')
  })

  test('an init that is killed on the way leaves nothing', { timeout: 60_000 }, async () => {
    const { ok, start } = sandbox()
    await create('it', busybox, 'echo', 'ran')
    for (const delayMs of [150, 250, 350, 450]) {
      const { child, result } = start(['init', 'it'])
      setTimeout(() => child.kill('SIGKILL'), delayMs)
      await result
      const status = (await state('it')).split(' ')[0]
      expect(['created', 'exited', 'initialized']).toContain(status)
      if (status !== 'initialized') await ok(['init', 'it'])
      await ok(['stop', 'it'])
    }
    expect(await ok(['start', '-a', 'it'])).toBe('ran')
  })

  test('a command that is not there is told by init, or by the start, and leaves it as it was', async () => {
    const { podwright } = sandbox()
    await create('it', busybox, '/nowhere')
    const first = await podwright(['init', 'it'])
    const told = first.code === 0 ? await podwright(['start', 'it']) : first
    expect(told.stderr).toContain('/nowhere')
    expect(await state('it')).toBe('created false')
  })
})
