import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'
import { packTar } from '../harness/tar.ts'

/** Tells what it has, and ends in order at the signal that systemd ends in order at: SIGRTMIN+3. */
const init = `#!/bin/sh
trap 'echo orderly; exit 0' 37
for place in /run /run/lock /tmp /var/log/journal; do grep " $place tmpfs " /proc/mounts | cut -d ' ' -f 2,3; done
stat -c '%a %n' /run /tmp
echo "uuid $container_uuid"
mkdir /sys/fs/cgroup/systemd/mine 2>/dev/null || mkdir /sys/fs/cgroup/mine 2>/dev/null && echo 'control groups'
echo begun
while :; do sleep 0.1; done
`

asEachRole(({ role, sandbox, busybox }) => {
  const ok = (...args: readonly string[]): Promise<string> => sandbox().ok(args)

  test('what runs systemd gets what it needs, and is stopped in order; nothing else is, unless it is told', async () => {
    await ok('create', '--name', 'base', busybox, 'true')
    await sandbox().podwright(['cp', '-a', '-', 'base:/'], { input: packTar([{ path: 'sbin/init', content: init, mode: 0o755 }]) })
    await ok('commit', '-q', 'base', 'with-init')
    await ok('rm', 'base')

    const id = await ok('run', '-d', '--name', 'box', '--network', 'none', 'with-init', '/sbin/init')
    await expect.poll(() => ok('logs', 'box'), { timeout: 5000 }).toContain('begun')
    const lines = (await ok('logs', 'box')).split('\n')
    expect(lines.slice(0, 7)).toEqual([
      '/run tmpfs',
      '/run/lock tmpfs',
      '/tmp tmpfs',
      '/var/log/journal tmpfs',
      '755 /run',
      '1777 /tmp',
      `uuid ${id.slice(0, 32)}`,
    ])
    // A plain user's containers have control groups of their own on version 2 alone, and not yet.
    if (!role.rootless && existsSync('/sys/fs/cgroup')) expect(lines).toContain('control groups')
    expect(await ok('inspect', 'box', '--format', '{{.Config.StopSignal}}')).toBe('SIGRTMIN+3')
    await ok('stop', 'box')
    expect(await ok('logs', 'box')).toMatch(/orderly$/)
    expect(await ok('inspect', 'box', '--format', '{{.State.ExitCode}}')).toBe('0')
    await ok('rm', 'box')

    const seen = 'grep -c " /run/lock " /proc/mounts'
    expect(await ok('run', '--rm', '--network', 'none', 'with-init', 'sh', '-c', `${seen} || true`)).toBe('0')
    expect(await ok('run', '--rm', '--network', 'none', '--systemd', 'always', 'with-init', 'sh', '-c', seen)).toBe('1')
    await ok('create', '--name', 'plain', '--systemd=false', 'with-init', '/sbin/init')
    expect(await ok('inspect', 'plain', '--format', '{{.Config.StopSignal}}')).toBe('SIGTERM')
    await ok('rm', 'plain')
    await ok('rmi', 'with-init')
  })

  test('--shm-size-systemd limits each of the file systems that systemd is given, and a copy has it, too', async () => {
    const sizes = 'for place in /run /run/lock /tmp /var/log/journal; do df -k $place | tail -n 1 | tr -s " " | cut -d " " -f 2; done'
    const systemd = ['--network', 'none', '--systemd', 'always'] as const
    const limited = ['2048', '2048', '2048', '2048'].join('\n')
    expect(await ok('run', '--name', 'small', ...systemd, '--shm-size-systemd', '2m', busybox, 'sh', '-c', sizes)).toBe(limited)
    expect(await ok('container', 'describe', 'small')).toContain('--shm-size-systemd')
    await ok('container', 'clone', 'small', 'copy')
    expect(await ok('start', '-a', 'copy')).toBe(limited)
    await ok('rm', 'small', 'copy')

    const full = 'dd if=/dev/zero of=/tmp/file bs=1M count=3 2>/dev/null || wc -c </tmp/file'
    expect(await ok('run', '--rm', ...systemd, '--shm-size-systemd', '2m', busybox, 'sh', '-c', full)).toBe(String(2 << 20))
    expect(await ok('run', '--rm', ...systemd, '--shm-size-systemd', '0', busybox, 'sh', '-c', `${full}; echo whole`)).toBe('whole')
    expect(await ok('run', '--rm', '--network', 'none', '--shm-size-systemd', '2m', busybox, 'grep', '-c', ' tmpfs ', '/proc/mounts')).toBe(
      await ok('run', '--rm', '--network', 'none', busybox, 'grep', '-c', ' tmpfs ', '/proc/mounts'),
    )
  })
})
