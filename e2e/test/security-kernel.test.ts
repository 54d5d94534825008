import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { insideOf } from '../harness/probing-image.ts'
import { asEachRole } from '../harness/roles-suite.ts'

const masked = [
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/dev/block',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
].filter((path) => existsSync(path))
const readOnly = ['/proc/asound', '/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'].filter((path) =>
  existsSync(path),
)

// The rows of docs/security.md about what a process sees of the kernel and of devices, each by its name.
asEachRole(({ role, sandbox, busybox }) => {
  const inside = insideOf(sandbox, () => busybox)
  const refusal = async (...words: readonly string[]): Promise<string> => {
    const { code, stderr } = await sandbox().podwright(['run', '--rm', ...words, busybox, 'true'])
    expect(code, words.join(' ')).toBe(125)
    return stderr
  }
  /** `written` or `refused`; whoever writes puts what it has read, so that nothing changes where it may. */
  const rewrite = (path: string): string => `{ v=$(cat ${path}); echo "$v" > ${path}; } 2>/dev/null && echo written || echo refused`
  const mountOptions = (path: string): string => `grep ' ${path} ' /proc/self/mountinfo | tail -n 1 | cut -d' ' -f6 | cut -d, -f1`

  beforeAll(async () => {
    await sandbox().ok(['pull', '-q', busybox])
  })

  test('masked files', async () => {
    const bytes = masked.map((path) => `if test -d ${path}; then ls -A ${path}; else cat ${path}; fi 2>/dev/null | wc -c`).join('; ')
    expect((await inside('', bytes)).split('\n')).toEqual(masked.map(() => '0'))
    expect(masked).toContain('/proc/interrupts')
    expect(await inside('', 'echo x > /proc/keys; : > /proc/timer_list; cat /proc/keys | wc -c')).toBe('0')
    expect(await inside('--privileged', 'cat /proc/interrupts | wc -c; grep -c " /proc/" /proc/self/mountinfo || true')).toMatch(
      /^[1-9]\d*\n0$/,
    )
    const count = 'cat /proc/interrupts | wc -c; cat /proc/keys | wc -c'
    const some = '--security-opt mask=/etc:/nowhere --security-opt unmask=/proc/inter*'
    expect(await inside(some, `${count}; ls -A /etc | wc -l`)).toMatch(/^[1-9]\d*\n0\n0$/)
    expect(await inside('--security-opt unmask=ALL', count)).toMatch(/^[1-9]\d*\n/)
    expect(await inside('--privileged --security-opt mask=/proc/interrupts', 'cat /proc/interrupts | wc -c')).toBe('0')
    expect(await inside('--security-opt systempaths=unconfined', mountOptions('/proc/sys'))).toBe('')
  })

  test('read-only files of /proc', async () => {
    const options = (await inside('', readOnly.map(mountOptions).join('; '))).split('\n')
    expect(options).toEqual(readOnly.map(() => 'ro'))
    expect(readOnly).toEqual(expect.arrayContaining(['/proc/sys', '/proc/sysrq-trigger'].filter((path) => existsSync(path))))
    // The kernel would run on the host what is named there.
    expect(await inside('', rewrite('/proc/sys/kernel/core_pattern'))).toBe('refused')
    expect(await inside('--cap-add sys_admin', rewrite('/proc/sys/kernel/core_pattern'))).toBe('refused')
    expect(await inside('', 'echo h > /proc/sysrq-trigger 2>/dev/null && echo written || echo refused')).toBe('refused')
    expect(await inside('--privileged', rewrite('/proc/sys/kernel/core_pattern'))).toBe(role.rootless ? 'refused' : 'written')
  })

  test('/sys', async () => {
    expect(await inside('', `${mountOptions('/sys')}; mkdir /sys/fs/x 2>&1 | grep -o 'Read-only'`)).toBe('ro\nRead-only')
    expect(await inside('--privileged', mountOptions('/sys'))).toBe('rw')
    expect(await inside('--network host', mountOptions('/sys'))).toBe('ro')
  })

  test('control groups', async () => {
    const groups = "grep ' /sys/fs/cgroup/' /proc/self/mountinfo | cut -d' ' -f6 | cut -d, -f1 | sort -u"
    const unified = mountOptions('/sys/fs/cgroup')
    const isV2 = existsSync('/sys/fs/cgroup/cgroup.controllers')
    expect(await inside('', isV2 ? unified : groups)).toBe('ro')
    expect(await inside('--privileged', isV2 ? unified : groups)).toBe('rw')
    // Of v1, a container of root sees its own group as the root of each.
    if (!isV2 && !role.rootless) expect(await inside('', 'cat /sys/fs/cgroup/pids/cgroup.procs | head -n 1')).toBe('1')
  })

  test('kernel parameters', async () => {
    expect(await inside('--sysctl net.ipv4.ip_forward=1', 'cat /proc/sys/net/ipv4/ip_forward')).toBe('1')
    for (const name of ['kernel.core_pattern=x', 'vm.swappiness=1', 'kernel.hostname=x', 'fs.file-max=1', 'kernel.modprobe=/x'])
      expect(await refusal('--network', 'none', '--sysctl', name)).toContain(name.split('=')[0])
    expect(await refusal('--network', 'host', '--sysctl', 'net.ipv4.ip_forward=1')).toContain('host')
    expect(await refusal('--network', 'none', '--ipc', 'host', '--sysctl', 'kernel.shmmax=1')).toContain('host')
    expect(await refusal('--privileged', '--network', 'none', '--sysctl', 'vm.swappiness=1')).toContain('vm.swappiness')
  })

  test('devices', async () => {
    const names = "cd /dev; for n in $(find . -type c -o -type b); do echo ${n#./}; done | grep -v ^pts/ | sort | tr '\\n' ' '"
    const own = 'full null ptmx random tty urandom zero'
    const device = (await inside('', names))
      .trim()
      .split(' ')
      .filter((name) => name !== 'ptmx' && name !== 'pts/ptmx')
    expect(device).toEqual(own.split(' ').filter((name) => name !== 'ptmx'))
    expect(await inside('', 'echo lost > /dev/null; head -c 3 /dev/zero | wc -c; head -c 8 /dev/urandom | wc -c')).toBe('3\n8')
    const privileged = (await inside('--privileged', names)).trim().split(' ')
    const host = readdirSync('/dev').filter((name) => /^(kmsg|loop-control|fuse|net)$/.test(name))
    for (const name of host.filter((one) => one !== 'net')) expect(privileged).toContain(name)
  })

  test('devices made inside', async () => {
    // FUSE's: what the group of devices refuses is not permitted; where the host has no such device, it is unknown.
    const open = '{ mknod /made c 10 229 && (exec 3<>/made) && echo opened; } 2>&1 | grep -oE "opened|not permitted|No such device"'
    expect(await inside('', open)).toBe('not permitted')
    expect(await inside('--cap-add mknod', `${open}; ls /made 2>/dev/null || true`)).toBe(
      role.rootless ? 'not permitted' : 'not permitted\n/made',
    )
    const zero = 'mknod /made c 1 5 2>/dev/null && head -c 2 /made | wc -c || echo refused'
    expect(await inside('--cap-add mknod', zero)).toBe(role.rootless ? 'refused' : '2')
    expect(await inside('--privileged', zero)).toBe(role.rootless ? 'refused' : '2')
    if (role.rootless) return
    expect(await inside('--privileged', open)).not.toBe('not permitted')
    const rule = ['--cap-add', 'mknod', '--device-cgroup-rule', 'c 10:229 rwm']
    expect(await sandbox().ok(['run', '--rm', '--network', 'none', ...rule, busybox, 'sh', '-c', open])).not.toBe('not permitted')
  })

  test('a device of the host', async () => {
    const look = 'stat -c "%t:%T %A" /dev/given'
    expect(await inside('--device /dev/full:/dev/given', look)).toMatch(/^1:7 c/)
    expect(await inside('--device /dev/zero:/dev/given', 'head -c 4 /dev/given | wc -c')).toBe('4')
    expect(await inside('', 'ls /dev/given 2>&1 || true')).toContain('No such file')
    if (role.rootless) return
    expect(await inside('--device /dev/null:/dev/given:r', 'echo x > /dev/given && echo written')).toBe('written')
    if (!existsSync('/dev/fuse')) return
    const open = (mode: string): string => `(exec 3${mode}/dev/given) 2>/dev/null && echo opened || echo refused`
    expect(await inside('--device /dev/fuse:/dev/given:r', `${open('<')}; ${open('<>')}`)).toBe('opened\nrefused')
    expect(await inside('--device /dev/fuse:/dev/given', open('<>'))).toBe('opened')
  })

  test('root file system', async () => {
    const write = 'touch /x /etc/x /bin/x 2>/dev/null && echo written || echo refused'
    expect(await inside('', write)).toBe('written')
    expect(await inside('', 'ls /x 2>/dev/null || echo none')).toBe('none')
    expect(await inside('--read-only', write)).toBe('refused')
    expect(await inside('--read-only', 'mount -o remount,rw / 2>/dev/null && echo mounted || echo refused')).toBe('refused')
    expect(await inside('--read-only', 'touch /tmp/x /run/x /dev/shm/x && echo written')).toBe('written')
    expect(await inside('--read-only --privileged', write)).toBe('refused')
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(sandbox().directory)
  })
})
