import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { asEachRole } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const run = (script: string, ...flags: readonly string[]): Promise<string> =>
    sandbox().ok(['run', '--rm', ...flags, busybox, 'sh', '-c', script])

  test('the command is process 1 of a namespace of its own', async () => {
    expect(await run('echo $$; ls -d /proc/[0-9]* | wc -l')).toMatch(/^1\n[1-4]$/)
  })

  test('--network none has loopback only', async () => {
    expect(await run('ls /sys/class/net', '--network', 'none')).toBe('lo')
    expect(await run('cat /sys/class/net/lo/flags', '--network', 'none')).toBe('0x9')
  })

  test('--network host is the host’s', async () => {
    expect((await run('ls /sys/class/net', '--network', 'host')).split('\n').toSorted()).toEqual(readdirSync('/sys/class/net').toSorted())
  })

  test('by default the network is private, with an uplink', async () => {
    const interfaces = (await run('ls /sys/class/net')).split('\n')
    expect(interfaces).toContain('lo')
    expect(interfaces.length).toBeGreaterThanOrEqual(2)
  })

  test('capabilities are Podman’s default set, and none for a plain user inside', async () => {
    // CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE SYS_CHROOT SETFCAP
    expect(await run('grep CapEff /proc/self/status')).toBe('CapEff:\t00000000800405fb')
    expect(await run('grep CapEff /proc/self/status', '-u', '1000')).toBe('CapEff:\t0000000000000000')
  })

  test('--cap-drop all and --cap-add', async () => {
    expect(await run('grep CapEff /proc/self/status', '--cap-drop', 'all')).toBe('CapEff:\t0000000000000000')
    expect(await run('grep CapEff /proc/self/status', '--cap-drop', 'all', '--cap-add', 'chown')).toBe('CapEff:\t0000000000000001')
  })

  test('system calls are filtered, unless asked otherwise', async () => {
    expect(await run('grep -w Seccomp /proc/self/status')).toBe('Seccomp:\t2')
    expect(await run('grep -w Seccomp /proc/self/status', '--security-opt', 'seccomp=unconfined')).toBe('Seccomp:\t0')
  })

  test('no-new-privileges', async () => {
    expect(await run('grep NoNewPrivs /proc/self/status')).toBe('NoNewPrivs:\t0')
    expect(await run('grep NoNewPrivs /proc/self/status', '--security-opt', 'no-new-privileges')).toBe('NoNewPrivs:\t1')
  })

  test('kernel files are masked or read-only', async () => {
    expect(await run('cat /proc/kcore | wc -c; cat /proc/timer_list 2>/dev/null | wc -c')).toMatch(/^0\n0$/)
    expect(await run('echo 1 > /proc/sys/kernel/hostname 2>&1 || echo refused')).toContain('refused')
    expect(await run('mkdir /sys/kernel/x 2>&1 || echo refused')).toContain('refused')
  })

  test('/dev has what programs expect, and nothing of the host', async () => {
    const devices = (await run('ls /dev')).split('\n')
    expect(devices).toEqual(
      expect.arrayContaining([
        'fd',
        'full',
        'mqueue',
        'null',
        'ptmx',
        'pts',
        'random',
        'shm',
        'stderr',
        'stdin',
        'stdout',
        'tty',
        'urandom',
        'zero',
      ]),
    )
    expect(devices.filter((name) => /^(sd|vd|nvme|loop|kmsg|mem)/.test(name))).toEqual([])
    expect(await run('df -k /dev/shm | tail -n 1')).toMatch(/\b64000\b|\b65536\b/)
  })

  test('/etc/hosts, /etc/hostname and /etc/resolv.conf are the container’s own', async () => {
    const text = await run('cat /etc/hosts; hostname; cat /etc/hostname')
    const [name, same] = text.split('\n').slice(-2)
    expect(text).toContain('127.0.0.1')
    expect(name).toBe(same)
    expect(name).toMatch(/^[0-9a-f]{12}$/)
    expect(await run('test -f /etc/resolv.conf && echo there')).toBe('there')
  })

  test('what is written in one container is not seen in the next', async () => {
    await run('echo x > /written')
    expect(await run('ls /written 2>&1 || true')).toContain('No such file')
  })

  test('--read-only', async () => {
    expect(await run('touch /x 2>&1 || echo refused', '--read-only')).toContain('refused')
    expect(await run('touch /tmp/x && echo fine', '--read-only', '--tmpfs', '/tmp')).toBe('fine')
  })

  test('limits are asked for, and clamped to what the host allows', async () => {
    expect(await run('ulimit -n', '--ulimit', 'nofile=512:512')).toBe('512')
    expect(Number(await run('ulimit -Hn', '--ulimit', 'nofile=99999999:99999999'))).toBeGreaterThan(0)
  })

  test('root inside is the user outside, where rootless', async () => {
    const map = (await run('cat /proc/self/uid_map')).trim().split(/\s+/).slice(0, 3).map(Number)
    expect(map[1]).toBe(role.rootless ? role.uid : 0)
  })
})
