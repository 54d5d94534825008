import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

/** Where CRIU works, more is tried in the virtual machine. */
const check = spawnSync('criu', ['check'], { encoding: 'utf8' })
const isThere = check.error === undefined

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const refusal = async (...args: readonly string[]): Promise<string> => {
    const { code, stderr } = await sandbox().podwright(args)
    expect(code).toBe(125)
    return stderr
  }
  const begin = (name: string, ...flags: readonly string[]): Promise<string> =>
    ok('--runtime', 'runc', 'run', '-d', '--name', name, '--stop-timeout', '0', ...flags, busybox, 'sleep', '300')
  const isRoot = role.name === 'root'

  test('checkpoint: a container that can not be has its reason, and goes on', async () => {
    await begin('going')
    const said = await sandbox().podwright(['container', 'checkpoint', 'going'])
    if (!isRoot) expect(said.stderr).toContain('cannot checkpoint going: CRIU needs root')
    else if (!isThere) expect(said.stderr).toContain('criu is not installed')
    else if (check.status !== 0)
      expect(said.stderr).toMatch(/cannot checkpoint container \w+: runc: .*\ncriu: Error \(criu\/\S+:\d+\): \S+/)
    else expect(said).toMatchObject({ code: 0, stdout: 'going\n' })
    const isEnded = isRoot && check.status === 0
    expect(await ok('inspect', 'going', '--format', '{{.State.Status}} {{.State.Checkpointed}}')).toBe(
      isEnded ? 'exited true' : 'running false',
    )
    await ok('rm', '-f', 'going')
  })

  test('checkpoint and restore: states that they are not for', async () => {
    await ok('create', '--name', 'fresh', busybox, 'true')
    if (isRoot) {
      expect(await refusal('container', 'checkpoint', 'fresh')).toContain('cannot checkpoint fresh: it is created')
      expect(await refusal('container', 'restore', 'fresh')).toContain('cannot restore fresh: it has no checkpoint that was finished')
      await begin('gone', '--rm')
      expect(await refusal('container', 'checkpoint', 'gone')).toContain('cannot checkpoint gone: it is removed when it ends (--rm)')
      expect(await refusal('container', 'restore', 'gone')).toContain('cannot restore gone: it is running')
      expect(await refusal('container', 'checkpoint', '--tcp-established', 'fresh')).toContain('it is created')
      await ok('rm', '-f', 'gone')
    } else expect(await refusal('container', 'restore', 'fresh')).toContain('cannot restore fresh: CRIU needs root')
    expect(await ok('container', 'restore', '--all')).toBe('')
    expect(await ok('container', 'checkpoint', '--all')).toBe('')
    expect(await refusal('container', 'checkpoint', '--export', '/tmp/x', 'fresh')).toContain('--export')
    await ok('rm', 'fresh')
  })
})
