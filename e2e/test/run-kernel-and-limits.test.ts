import { existsSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { beforeAll, expect, test } from 'vitest'
import { asEachRole, defineTest } from '../harness/roles-suite.ts'

asEachRole(({ role, sandbox, busybox }) => {
  const run = (flags: string, script: string): Promise<string> =>
    sandbox().ok(['run', '--rm', '--network', 'none', ...flags.split(' ').filter(Boolean), busybox, 'sh', '-c', script])
  const refusal = async (...flags: readonly string[]): Promise<string> => {
    const { code, stderr } = await sandbox().podwright(['create', ...flags.flatMap((flag) => flag.split(' ')), busybox])
    expect(code, flags.join(' ')).toBe(125)
    return stderr
  }

  beforeAll(async () => {
    await sandbox().ok(['pull', '-q', busybox])
  })

  test('shared memory and sysctls', async () => {
    expect(await run('--shm-size 1m', 'mount | grep /dev/shm')).toContain('size=1024k')
    expect(await run('--ipc none', 'mount | grep /dev/shm || echo none')).toBe('none')
    const names = '--sysctl kernel.shmmax=4000 --sysctl net.ipv4.ip_forward=1'
    expect(await run(names, 'cat /proc/sys/kernel/shmmax /proc/sys/net/ipv4/ip_forward')).toBe('4000\n1')
    expect(await refusal('--sysctl vm.swappiness=1')).toContain('vm.swappiness is not one of a namespace')
    expect(await refusal('--network host --sysctl net.ipv4.ip_forward=1')).toContain("the host's network namespace")
    expect(await refusal('--ipc host --sysctl kernel.msgmax=10')).toContain("the host's ipc namespace")
    expect(await refusal('--ipc host --shm-size 1m')).toContain('/dev/shm')
    expect(await refusal('--shm-size many')).toContain('--shm-size')
  })

  test('devices', async () => {
    expect(await run('--device /dev/zero:/dev/other', 'head -c 3 /dev/other | wc -c; test -c /dev/other')).toBe('3')
    expect(await run('--device /dev/net', 'test -c /dev/net/tun && echo yes || echo no')).toMatch(/^(yes|no)$/)
    expect(await refusal('--device /dev/nowhere')).toContain('the device /dev/nowhere')
    expect(await refusal('--device /etc/passwd')).toContain('it is no device node')
    expect(await refusal('--device /dev/zero:/dev/x:q')).toContain('--device')
    const rule = await sandbox().podwright(['run', '--rm', '--network', 'none', '--device-cgroup-rule', 'c 42:* rwm', busybox, 'true'])
    if (role.rootless) {
      expect(rule.stderr).toContain('cannot honour --device-cgroup-rule')
      const access = await sandbox().podwright(['run', '--rm', '--network', 'none', '--device', '/dev/zero:/dev/x:r', busybox, 'true'])
      expect(access).toMatchObject({ code: 0, stderr: expect.stringContaining('is not enforced') })
    } else {
      expect(rule).toMatchObject({ code: 0, stderr: '' })
      expect(await run('--device /dev/kmsg:/dev/k', '(: > /dev/k) 2>/dev/null && echo written || echo refused')).toBe('written')
      expect(await run('--device /dev/kmsg:/dev/k:r', '(: > /dev/k) 2>/dev/null && echo written || echo refused')).toBe('refused')
    }
  })

  test('namespaces', async () => {
    expect(await run('--uts host', 'hostname')).toBe(hostname())
    expect(await run('--ipc host', 'readlink /proc/self/ns/ipc')).toBe(readlinkSync('/proc/self/ns/ipc'))
    expect(await run('--pid host', 'readlink /proc/self/ns/pid')).toBe(readlinkSync('/proc/self/ns/pid'))
    expect(await run('--cgroupns private', 'readlink /proc/self/ns/cgroup')).not.toBe(readlinkSync('/proc/self/ns/cgroup'))
    expect(await run('--cgroupns host', 'readlink /proc/self/ns/cgroup')).toBe(readlinkSync('/proc/self/ns/cgroup'))
    expect(await run('--userns host', 'echo ok')).toBe('ok')
    expect(await refusal('--uts host --hostname x')).toContain("the host's uts namespace")
    expect(await refusal('--pid host --init')).toContain('cannot add an init')
    expect(await refusal('--userns auto')).toContain('--userns auto')
    expect(await refusal('--ipc container:x')).toContain('no container has the name or id "x"')
    expect(await refusal('--pid nonsense')).toContain('--pid')
  })

  test('--pid container:NAME sees what runs in it, by whatever name it goes', async () => {
    const { ok, podwright } = sandbox()
    await ok(['run', '-d', '--name', 'host', '--network', 'none', busybox, 'sleep', '123'])
    await ok(['create', '--name', 'guest', '--network', 'none', '--pid', 'container:host', busybox, 'ps', '-o', 'pid,args'])
    await ok(['rename', 'host', 'landlord'])
    expect(await ok(['start', '-a', 'guest'])).toMatch(/^ +1 sleep 123$/m)
    expect(await ok(['inspect', 'guest', '--format', '{{.HostConfig.PidMode}}'])).toMatch(/^container:[0-9a-f]{64}$/)
    await ok(['stop', '-t', '0', 'landlord'])
    expect((await podwright(['start', '-a', 'guest'])).stderr).toContain('cannot join the pid namespace of landlord: it is exited')
    await ok(['rm', '-f', 'landlord', 'guest'])
    expect((await podwright(['create', '--pid', 'container:nobody', busybox])).stderr).toContain('nobody')
  })

  test('limits that make no sense are refused', async () => {
    expect(await refusal('--memory-swap 5m')).toContain('--memory-swap')
    expect(await refusal('-m 10m --memory-swap 5m')).toContain('--memory-swap')
    expect(await refusal('-m 10m --memory-reservation 20m')).toContain('--memory-reservation')
    expect(await refusal('-m 3q')).toContain('--memory')
    expect(await refusal('--memory-swappiness 101')).toContain('from 0 to 100')
    expect(await refusal('--cpus 1 --cpu-quota 5000')).toContain('--cpu-quota and --cpus cannot be set together')
    expect(await refusal('--cpu-period 10')).toContain('period')
    expect(await refusal('--blkio-weight 5')).toContain('from 10 to 1000')
    expect(await refusal('--cgroup-conf memory=1')).toContain('it is not FILE=VALUE')
    if (!existsSync('/sys/fs/cgroup/cgroup.controllers'))
      expect(await refusal('--cgroup-conf memory.high=1')).toContain('cannot use --cgroup-conf without cgroup v2')
    expect(await refusal('--rdt-class nowhere')).toMatch(/only root may assign|is not mounted|there is no such class/)
  })

  defineTest(
    'limits of a plain user: ignored with a warning on v1, as by podman, and refused by name on v2',
    { concerns: role.rootless },
    async () => {
      const { code, stderr } = await sandbox().podwright(['run', '--rm', '--network', 'none', '-m', '64m', '--cpus', '1', busybox, 'true'])
      if (code === 0) expect(stderr).toBe('Warning: resource limits are not supported and ignored on cgroups v1 by a plain user\n')
      else expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringContaining('cannot honour --memory, --cpus') })
    },
  )

  defineTest('limits hold, and inspect tells them', { concerns: !role.rootless }, async () => {
    const { ok } = sandbox()
    const flags = '-m 64m --memory-reservation 32m --cpus 0.5 -c 512 --cpuset-cpus 0 --pids-limit 33'
    await ok(['run', '-d', '--name', 'limited', '--network', 'none', ...flags.split(' '), busybox, 'sleep', '100'])
    const look =
      'cd /sys/fs/cgroup; for f in memory/memory.limit_in_bytes memory.max memory/memory.memsw.limit_in_bytes memory.swap.max pids/pids.max pids.max cpuset/cpuset.cpus cpuset.cpus; do test -f $f && cat $f; done; true'
    const seen = (await ok(['exec', 'limited', 'sh', '-c', look])).split('\n')
    expect(seen).toEqual(expect.arrayContaining([String(64 << 20), '33', '0']))
    expect(
      await ok(['exec', 'limited', 'sh', '-c', 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max']),
    ).toMatch(/^50000/)
    const [{ HostConfig }] = JSON.parse(await ok(['inspect', 'limited']))
    expect(HostConfig).toMatchObject({
      Memory: 64 << 20,
      MemorySwap: 128 << 20,
      MemoryReservation: 32 << 20,
      NanoCpus: 5e8,
      CpuQuota: 50_000,
      CpuShares: 512,
      CpusetCpus: '0',
      PidsLimit: 33,
    })
    await ok(['rm', '-f', '-t', '0', 'limited'])
    expect(await run('', 'cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max')).toBe('2048')
    expect(await run('--pids-limit -1', 'cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max')).toBe('max')
    expect(await refusal('--cpuset-cpus 8000')).toContain('requested CPUs are not available - requested 8000')
    const killed = await sandbox().podwright(['run', '--rm', '--network', 'none', '-m', '16m', busybox, 'sh', '-c', 'exec sort /dev/zero'])
    expect(killed.code).toBe(137)
  })
})
