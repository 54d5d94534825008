import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { beforeAll, expect, test } from 'vitest'
import { insideOf } from '../harness/probing-image.ts'
import { asEachRole } from '../harness/roles-suite.ts'

// The rows of docs/security.md about what a container shares with the host, each by its name.
asEachRole(({ role, sandbox, busybox }) => {
  const inside = insideOf(sandbox, () => busybox)
  const link = (name: string): string => `readlink /proc/self/ns/${name}`
  /** Whether the container's namespace is another one than the host's. */
  const isOwn = async (name: string, flags = ''): Promise<boolean> =>
    (await inside(flags, link(name))) !== readlinkSync(`/proc/self/ns/${name}`)

  beforeAll(async () => {
    await sandbox().ok(['pull', '-q', busybox])
  })

  test('processes', async () => {
    expect(await isOwn('pid')).toBe(true)
    expect(await inside('', 'echo $$; ls -d /proc/[0-9]* | wc -l')).toMatch(/^1\n[1-4]$/)
    expect(await isOwn('pid', '--privileged')).toBe(true)
    expect(await isOwn('pid', '--pid host')).toBe(false)
    // A process of the host can not be signalled: there is no number for it.
    expect(await inside('', `kill -0 ${process.pid} 2>&1 || true`)).toContain('No such process')
  })

  test('mounts', async () => {
    expect(await isOwn('mnt')).toBe(true)
    expect(await inside('', 'mount -t tmpfs tmpfs /home 2>&1 || true')).toMatch(/not permitted|denied/)
    expect(await inside('--cap-add sys_admin', 'mount -t tmpfs tmpfs /home && echo mounted')).toBe('mounted')
    // What is mounted inside is not seen outside, also below a directory of the host.
    const volume = ['run', '-d', '--name', 'mounting', '--network', 'none', '--privileged', '-v', `${sandbox().home}:/given`, busybox]
    await sandbox().ok([
      ...volume,
      'sh',
      '-c',
      'mkdir /given/below && mount -t tmpfs tmpfs /given/below && touch /given/below/x && exec sleep 100',
    ])
    await expect.poll(() => existsSync(`${sandbox().home}/below`)).toBe(true)
    expect(await sandbox().ok(['exec', 'mounting', 'sh', '-c', 'until test -e /given/below/x; do sleep 0.05; done; ls /given/below'])).toBe(
      'x',
    )
    expect(existsSync(`${sandbox().home}/below/x`)).toBe(false)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(`${sandbox().home}/below`)
    await sandbox().ok(['rm', '-f', '-t', '0', 'mounting'])
  })

  test('network', async () => {
    const interfaces = 'ls /sys/class/net'
    expect(await isOwn('net')).toBe(true)
    expect(await inside('', interfaces)).toBe('lo')
    expect(await sandbox().ok(['run', '--rm', busybox, 'sh', '-c', link('net')])).not.toBe(readlinkSync('/proc/self/ns/net'))
    expect(await isOwn('net', '--privileged')).toBe(true)
    expect(await isOwn('net', '--network host')).toBe(false)
    const change = 'ip link add dummy9 type dummy 2>/dev/null && echo made || echo refused'
    expect(await inside('', change)).toBe('refused')
    expect(await inside('--network host', change)).toBe('refused')
  })

  test('host name', async () => {
    const rename = 'hostname other 2>/dev/null && echo renamed || echo refused'
    expect(await isOwn('uts')).toBe(true)
    expect(await inside('', `hostname; ${rename}`)).toMatch(/^[0-9a-f]{12}\nrefused$/)
    expect(await inside('--privileged', rename)).toBe('renamed')
    expect(await inside('--uts host', `hostname; ${rename}`)).toBe(`${hostname()}\nrefused`)
    expect(hostname()).not.toBe('other')
  })

  test('shared memory and message queues', async () => {
    expect(await isOwn('ipc')).toBe(true)
    expect(await isOwn('ipc', '--privileged')).toBe(true)
    expect(await isOwn('ipc', '--ipc host')).toBe(false)
    expect(await inside('', "grep -c ' /dev/shm ' /proc/self/mountinfo; ls -A /dev/shm | wc -l; ls -A /dev/mqueue | wc -l")).toBe('1\n0\n0')
  })

  test('namespace of control groups', async () => {
    const isV2 = existsSync('/sys/fs/cgroup/cgroup.controllers')
    expect(await isOwn('cgroup')).toBe(isV2)
    expect(await isOwn('cgroup', '--cgroupns private')).toBe(true)
    expect(await isOwn('cgroup', '--cgroupns host')).toBe(false)
    if (!role.rootless && !isV2) expect(await inside('--cgroupns private', 'cat /proc/self/cgroup | cut -d: -f3 | sort -u')).toBe('/')
  })

  test('number of processes', async () => {
    const most = 'cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null || true'
    const fork = 'for i in 1 2 3; do sleep 5 & done; true'
    const limited = await sandbox().podwright(['run', '--rm', '--network', 'none', '--pids-limit', '3', busybox, 'sh', '-c', fork])
    if (role.rootless) {
      // Without control groups nothing can be limited, and that is said.
      expect(limited.stderr).toMatch(limited.code === 0 ? /limits are not supported and ignored/ : /cannot honour --pids-limit/)
      return
    }
    expect(limited.stderr).toMatch(/can't fork/)
    expect(await inside('', most)).toBe('2048')
    expect(await inside('--privileged', most)).toBe('2048')
  })

  test('resource limits', async () => {
    const hard = (name: string): number => {
      const found = new RegExp(`^${name} +\\S+ +(\\S+)`, 'm').exec(readFileSync('/proc/self/limits', 'utf8'))![1]!
      return found === 'unlimited' ? Number.POSITIVE_INFINITY : Number(found)
    }
    const files = Number(await inside('', 'ulimit -Hn'))
    expect(files).toBeLessThanOrEqual(1_048_576)
    if (role.rootless) expect(files).toBeLessThanOrEqual(hard('Max open files'))
    expect(await inside('--ulimit nofile=100:200', 'ulimit -Sn; ulimit -Hn; ulimit -Hn 300 2>/dev/null || echo refused')).toBe(
      '100\n200\nrefused',
    )
    expect(await inside('--privileged --ulimit nofile=100:200', 'ulimit -Hn')).toBe('200')
  })

  test('environment and open files of the caller', async () => {
    const { stdout } = await sandbox().podwright(
      ['run', '--rm', '--network', 'none', busybox, 'sh', '-c', 'env; ls /proc/1/fd; ls -l /proc/1/cwd'],
      {
        env: { OF_THE_CALLER: 'secret' },
      },
    )
    expect(stdout).not.toContain('secret')
    expect(stdout).not.toContain(sandbox().directory)
    expect(stdout).toMatch(/\n0\n1\n2\n.*cwd -> \/\n$/s)
    expect(stdout).not.toMatch(/^[3-9]$/m)
    await sandbox().ok(['run', '-d', '--name', 'open', '--network', 'none', busybox, 'sleep', '100'])
    expect(await sandbox().ok(['exec', 'open', 'sh', '-c', 'ls /proc/self/fd | grep -v 3'])).toBe('0\n1\n2')
    await sandbox().ok(['rm', '-f', '-t', '0', 'open'])
    // A way out by a descriptor that the runtime had open (CVE-2024-21626).
    for (const number of [3, 5, 6, 7, 8, 9]) {
      const leak = await sandbox().podwright([
        'run',
        '--rm',
        '--network',
        'none',
        '-w',
        `/proc/self/fd/${number}`,
        busybox,
        'ls',
        '-a',
        '../../..',
      ])
      expect(leak.code === 0 ? leak.stdout : '').not.toContain('root\n')
    }
  })
})
