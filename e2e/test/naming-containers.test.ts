import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { asOneRole } from '../harness/roles-suite.ts'

asOneRole(({ sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const run = (...args: readonly string[]): Promise<string> => ok('run', '-d', '--network', 'none', '--stop-timeout', '0', ...args)
  const names = async (...args: readonly string[]): Promise<string> =>
    (await ok('ps', '-a', '--format', '{{.Names}}', ...args)).split('\n').toSorted().join(' ')

  test('containers are named by --cidfile and --filter, too', async () => {
    const file = join(sandbox().home, 'one.cid')
    const id = await run('--name', 'one', '--cidfile', file, '--label', 'team=a', busybox, 'sleep', '300')
    await run('--name', 'two', '--label', 'team=a', busybox, 'sleep', '300')
    await run('--name', 'three', '--label', 'team=b', busybox, 'sleep', '300')
    expect(readFileSync(file, 'utf8').trim()).toBe(id)
    expect(await ok('stop', '--cidfile', file)).toBe(id)
    expect(await names('--filter', 'status=running')).toBe('three two')
    await ok('restart', '-t', '0', '--filter', 'label=team=a')
    expect(await names('--filter', 'status=running')).toBe('one three two')
    await ok('kill', '--cidfile', file)
    await ok('wait', 'one')
    await ok('stop', '-f', 'label=team=b')
    expect(await names('--filter', 'status=running')).toBe('two')
    const both = await sandbox().podwright(['stop', '--filter', 'name=two', 'one'])
    expect(both).toMatchObject({ code: 125 })
    expect(both.stderr).toContain('one of them')
    const empty = join(sandbox().home, 'empty.cid')
    writeFileSync(empty, '')
    expect((await sandbox().podwright(['rm', '--cidfile', empty])).stderr).toContain('has no id in it')
    expect((await sandbox().podwright(['rm', '--cidfile', `${empty}.not`])).stderr).toContain('cannot read the file of --cidfile')
    await ok('rm', '-f', '--filter', 'label=team=a')
    expect(await names()).toBe('three')
    await ok('rm', '-f', '--cidfile', file, 'three', '--ignore')
  })

  test('stop and restart send the signal that they are told', async () => {
    const script = 'trap "exit 9" USR1; trap "exit 8" USR2; trap "" TERM; echo ready; while :; do sleep 0.05; done'
    await run('--name', 'signalled', '--stop-timeout', '10', busybox, 'sh', '-c', script)
    const ready = async (): Promise<void> => {
      for (let attempt = 0; attempt < 100 && !(await ok('logs', 'signalled')).endsWith('ready'); attempt++) await sleep(50)
    }
    await ready()
    await ok('stop', '--signal', 'USR1', 'signalled')
    expect(await ok('inspect', 'signalled', '--format', '{{.State.ExitCode}}')).toBe('9')
    await ok('rm', 'signalled')
    await run('--name', 'again', '--stop-timeout', '10', busybox, 'sh', '-c', script)
    for (let attempt = 0; attempt < 100 && !(await ok('logs', 'again')).includes('ready'); attempt++) await sleep(50)
    await ok('restart', '-s', 'SIGUSR2', 'again')
    const died = await ok(
      'events',
      '--until',
      '0s',
      '--filter',
      'container=again',
      '--filter',
      'event=died',
      '--format',
      '{{.ContainerExitCode}}',
    )
    expect(died).toBe('8')
    await ok('rm', '-f', 'again')
  })

  test('ps and inspect tell sizes, and ps sorts', async () => {
    await run('--name', 'b-small', busybox, 'sleep', '300')
    await run('--name', 'a-large', busybox, 'sh', '-c', 'dd if=/dev/zero of=/big bs=1024 count=3000 2>/dev/null; echo done; sleep 300')
    for (let attempt = 0; attempt < 100 && (await ok('logs', 'a-large')) !== 'done'; attempt++) await sleep(50)
    const listed = await ok('ps', '--size', '--sort', 'names', '--format', '{{.Names}} {{.Size}}')
    expect(listed).toMatch(/^a-large 3\.\d+MB \(virtual [0-9.]+MB\)\nb-small [0-9.]+k?B \(virtual [0-9.]+MB\)$/)
    expect(await ok('ps', '-s')).toMatch(/NAMES +SIZE\n/)
    expect((await ok('ps', '--sort', 'size', '--format', '{{.Names}}')).split('\n')).toEqual(['b-small', 'a-large'])
    const [record] = JSON.parse(await ok('ps', '-s', '--filter', 'name=a-large', '--format', 'json')) as readonly {
      readonly Size: { readonly rwSize: number }
    }[]
    expect(record?.Size.rwSize).toBeGreaterThanOrEqual(3_072_000)
    expect(Number(await ok('inspect', '--size', 'a-large', '--format', '{{.SizeRw}}'))).toBe(record?.Size.rwSize)
    expect((await sandbox().podwright(['ps', '--sort', 'colour'])).code).toBe(125)
    await ok('rm', '-f', 'a-large', 'b-small')
  })

  test('ps --watch shows them again and again until it is called off', async () => {
    await run('--name', 'watched', busybox, 'sleep', '300')
    const watching = sandbox().start(['ps', '--watch', '1', '--format', '{{.Names}}'])
    await sleep(2500)
    watching.child.kill('SIGINT')
    const { stdout, code } = await watching.result
    expect(code).toBe(130)
    expect(stdout.split('\n').filter((line) => line === 'watched').length).toBeGreaterThanOrEqual(2)
    await ok('rm', '-f', 'watched')
  })
})
