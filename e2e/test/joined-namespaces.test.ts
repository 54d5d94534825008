import { readFileSync, readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)
  const refusal = async (...flags: readonly string[]): Promise<string> => {
    const { code, stderr } = await sandbox().podwright(['create', ...flags, busybox])
    expect(code, flags.join(' ')).toBe(125)
    return stderr
  }
  const quick = ['--network', 'none', '--stop-timeout', '0']

  test("another container's namespaces, by whatever name it goes, and its shared memory", async () => {
    await ok(
      'run',
      '-d',
      '--name',
      'donor',
      ...quick,
      '--ipc',
      'shareable',
      '--shm-size',
      '2m',
      '--hostname',
      'house',
      busybox,
      'sleep',
      '600',
    )
    await ok('exec', 'donor', 'sh', '-c', 'echo hello > /dev/shm/word')
    const join = ['ipc', 'uts', 'pid', 'cgroupns'].flatMap((kind) => [`--${kind}`, 'container:donor'])
    const look =
      'readlink /proc/self/ns/ipc; readlink /proc/self/ns/uts; readlink /proc/self/ns/cgroup; hostname; cat /etc/hostname; echo $HOSTNAME; ' +
      'cat /dev/shm/word; mount | grep /dev/shm; test -d /dev/mqueue && echo queues; ps | grep -c "sleep 600$"; echo back > /dev/shm/answer'
    const lines = (await ok('run', '--rm', '--network', 'none', ...join, busybox, 'sh', '-c', look)).split('\n')
    const own = await ok('exec', 'donor', 'sh', '-c', 'for kind in ipc uts cgroup; do readlink /proc/self/ns/$kind; done')
    expect(lines.slice(0, 3)).toEqual(own.split('\n'))
    expect(lines.slice(3, 7)).toEqual(['house', 'house', 'house', 'hello'])
    expect(lines[7]).toContain('size=2048k')
    expect(lines.slice(8)).toEqual(['queues', '1'])
    expect(await ok('exec', 'donor', 'cat', '/dev/shm/answer')).toBe('back')

    await ok('create', '--name', 'guest', '--network', 'none', ...join, busybox, 'sleep', '600')
    const id = await ok('inspect', 'donor', '--format', '{{.Id}}')
    const modes = '{{.HostConfig.IpcMode}} {{.HostConfig.UTSMode}} {{.HostConfig.PidMode}} {{.HostConfig.CgroupMode}}'
    expect(await ok('inspect', 'guest', '--format', modes)).toBe(`container:${id} container:${id} container:${id} container:${id}`)
    expect(await ok('inspect', 'donor', '--format', '{{.HostConfig.IpcMode}} {{.HostConfig.ShmSize}}')).toBe('shareable 2097152')
    expect(await ok('describe', 'guest')).toContain(`--ipc container:${id}`)
    await ok('rename', 'donor', 'renamed')
    await ok('rm', '-f', 'guest')

    // Whoever has joined keeps the memory when its first owner goes; a new start of that one begins anew.
    await ok('run', '-d', '--name', 'heir', ...quick, '--ipc', 'container:renamed', busybox, 'sleep', '600')
    await ok('stop', 'renamed')
    expect(await ok('exec', 'heir', 'cat', '/dev/shm/word')).toBe('hello')
    await ok('start', 'renamed')
    expect(await ok('exec', 'renamed', 'ls', '/dev/shm')).toBe('')
    await ok('rm', '-f', 'heir')
    await ok('create', '--name', 'late', '--network', 'none', '--uts', 'container:renamed', busybox, 'hostname')
    expect(JSON.parse(await ok('inspect', 'late', '--format', '{{json .Dependencies}}'))).toEqual([id])
    await ok('stop', 'renamed')
    expect((await sandbox().podwright(['start', 'late'])).stderr).toContain('cannot join the uts namespace of renamed: it is exited')
    await ok('rm', 'renamed')
    const { code, stderr } = await sandbox().podwright(['start', 'late'])
    expect({ code, stderr }).toMatchObject({ code: 125, stderr: expect.stringContaining(id.slice(0, 12)) })
    await ok('rm', 'late')
  })

  test('shared memory in a user namespace of its own, and nothing of it is left mounted', async () => {
    const words = role.rootless ? ['--userns', 'keep-id'] : ['--uidmap', '0:0:65536']
    await ok(
      'run',
      '-d',
      '--name',
      'mapped',
      ...quick,
      ...words,
      '--ipc',
      'shareable',
      busybox,
      'sh',
      '-c',
      'echo x > /dev/shm/x; sleep 600',
    )
    await ok('run', '-d', '--name', 'short', '--network', 'none', '--ipc', 'shareable', busybox, 'sleep', '0')
    await ok('wait', 'short')
    const mapped = await ok('run', '--rm', '--network', 'none', '--ipc', 'container:mapped', busybox, 'cat', '/dev/shm/x')
    expect(mapped).toBe('x')
    await ok('rm', '-f', 'mapped', 'short')
    const table = role.rootless ? await ok('unshare', 'cat', '/proc/self/mountinfo') : readFileSync('/proc/self/mountinfo', 'utf8')
    const root = await ok('info', '--format', '{{.Store.GraphRoot}}')
    expect(table.split('\n').filter((line) => line.includes(root) && line.includes('/shm '))).toEqual([])
  })

  test('namespaces by their files, and what makes no sense', async () => {
    await ok('run', '-d', '--name', 'other', ...quick, '--hostname', 'there', busybox, 'sleep', '600')
    const pid = await ok('inspect', 'other', '--format', '{{.State.Pid}}')
    const at = (kind: string): string => `ns:/proc/${pid}/ns/${kind}`
    const join = ['--ipc', at('ipc'), '--uts', at('uts'), '--pid', at('pid'), '--cgroupns', at('cgroup')]
    const look = 'readlink /proc/self/ns/ipc; readlink /proc/self/ns/pid; hostname; cat /etc/hostname'
    const inside = await ok('run', '--rm', '--network', 'none', ...join, busybox, 'sh', '-c', look)
    expect(inside).toBe(await ok('exec', 'other', 'sh', '-c', look))

    const unshared = await refusal('--ipc', 'container:other')
    expect(unshared).toContain('cannot join the ipc namespace of other: it is not shareable')
    expect(unshared).toContain('--ipc shareable')
    expect(await refusal('--uts', 'container:other', '--hostname', 'x')).toContain('cannot set a host name')
    expect(await refusal('--uts', 'container:nobody')).toContain('nobody')
    expect(await refusal('--ipc', 'ns:/nowhere')).toContain('the ipc namespace /nowhere: it is not there')
    expect(await refusal('--pid', 'container:other', '--init')).toContain('cannot add an init')
    expect(await refusal('--uts', 'container:other', '--sysctl', 'kernel.domainname=x')).toContain('uts namespace')
    if (!role.rootless) {
      const host = await ok('run', '--rm', '--network', 'none', '--ipc', 'ns:/proc/self/ns/ipc', busybox, 'readlink', '/proc/self/ns/ipc')
      expect(host).toBe(readlinkSync('/proc/self/ns/ipc'))
    }
    await ok('rm', '-f', 'other')
  })
})
