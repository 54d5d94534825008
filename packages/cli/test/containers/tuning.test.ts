import type { ContainerOptions } from '@podwright/contracts'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { podwright } from '../fixtures/program.ts'

async function created(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ContainerOptions> {
  let given: ContainerOptions | undefined
  const ran = await podwright(['create', ...words, 'x'], {
    env,
    containers: {
      create: async (asked) => {
        given = asked
        return { id: 'abc', name: 'x', warnings: [] }
      },
    },
  })
  if (given === undefined) throw new Error(ran.stderr)
  return given
}

describe('what goes beyond the defaults', () => {
  test.each<[readonly string[], Partial<ContainerOptions>]>([
    [['--add-host', 'a:1.2.3.4,b:::1'], { extraHosts: ['1.2.3.4', '::1'].map((address, at) => ({ name: 'ab'[at] ?? '', address })) }],
    [['--add-host', 'a=[::2]'], { extraHosts: [{ name: 'a', address: '::2' }] }],
    [['--no-hosts', '--dns=none'], { noHosts: true, nameServers: 'none' }],
    [
      ['--dns', '1.1.1.1,8.8.8.8', '--dns-search=', '--dns-opt=a'],
      { nameServers: ['1.1.1.1', '8.8.8.8'], searchDomains: ['.'], resolverOptions: ['a'] },
    ],
    [['--group-add', 'a,1'], { additionalGroups: ['a', '1'] }],
    [['--group-add', 'keep-groups'], { keepGroups: true }],
    [['--umask', '77', '--oom-score-adj=-5', '--tz=UTC'], { umask: 0o77, oomScoreAdj: -5, timeZone: 'UTC' }],
    [['--unsetenv', 'A', '--unsetenv=B'], { unsetEnvironment: ['A', 'B'] }],
    [['--unsetenv', 'A', '--unsetenv-all'], { unsetEnvironment: 'all' }],
    [['--pidfile', 'p', '--timeout=3', '--init'], { pidFile: resolve('p'), timeLimitSeconds: 3, init: true }],
    [['--init-path', '/sbin/init', '--personality=LINUX32'], { init: '/sbin/init', personality: 'LINUX32' }],
    [['--annotation', 'a=b=c', '--annotation=d='], { annotations: { a: 'b=c', d: '' } }],
    [['--shm-size-systemd', '8m'], { systemdShmSizeBytes: 8 << 20 }],
    [['--shm-size-systemd=0'], { systemdShmSizeBytes: 0 }],
    [['--shm-size', '1m', '--sysctl', 'a.b=c=d', '--ipc=none'], { shmSizeBytes: 1 << 20, sysctls: { 'a.b': 'c=d' }, ipcNamespace: 'none' }],
    [
      ['--device', '/dev/a', '--device=/dev/a:r', '--device=/dev/a:/dev/b', '--device=/dev/a:/dev/b:rw'],
      {
        devices: [
          { source: '/dev/a' },
          { source: '/dev/a', access: 'r' },
          { source: '/dev/a', target: '/dev/b' },
          { source: '/dev/a', target: '/dev/b', access: 'rw' },
        ],
      },
    ],
    [
      ['--device', 'v.com/c=a', '--device=/dev/a', '--device=v.com/c=0:1'],
      { devices: [{ source: '/dev/a' }], cdiDevices: ['v.com/c=a', 'v.com/c=0:1'] },
    ],
    [['--gpus', 'all', '--gpus=2'], { gpus: [{ count: 'all' }, { count: 2 }] }],
    [['--gpus', '-1'], { gpus: [{ count: 'all' }] }],
    [['--gpus', 'GPU-1a2b'], { gpus: [{ deviceIds: ['GPU-1a2b'] }] }],
    [['--gpus', 'device=0'], { gpus: [{ deviceIds: ['0'] }] }],
    [['--gpus', 'device=0,1,driver=amd'], { gpus: [{ deviceIds: ['0', '1'], driver: 'amd' }] }],
    [
      ['--gpus', '"device=0,1","capabilities=compute,utility",driver=nvidia'],
      { gpus: [{ deviceIds: ['0', '1'], capabilities: ['compute', 'utility'], driver: 'nvidia' }] },
    ],
    [['--gpus', 'driver=amd,2'], { gpus: [{ driver: 'amd', count: 2 }] }],
    [['--gpus', 'driver=cdi,device=v.com/c=a'], { gpus: [{ driver: 'cdi', deviceIds: ['v.com/c=a'] }] }],
    [['--device-cgroup-rule', 'c 1:* r', '--pid=container:web'], { deviceRules: ['c 1:* r'], pidNamespace: { container: 'web' } }],
    [
      ['--pid=host', '--uts=host', '--cgroupns=private', '--userns='],
      { pidNamespace: 'host', utsNamespace: 'host', cgroupNamespace: 'private' },
    ],
    [
      ['--pid=ns:/p', '--uts=container:a', '--cgroupns=ns:/c', '--ipc=shareable'],
      { pidNamespace: { path: '/p' }, utsNamespace: { container: 'a' }, cgroupNamespace: { path: '/c' }, ipcNamespace: 'shareable' },
    ],
    [['--ipc=container:a', '--uts='], { ipcNamespace: { container: 'a' } }],
    [
      ['-m', '1.5g', '--memory-swap=-1', '--memory-reservation=64kb', '--memory-swappiness=0', '--oom-kill-disable'],
      {
        resources: {
          memoryBytes: 1.5 * 2 ** 30,
          memorySwapBytes: -1,
          memoryReservationBytes: 65_536,
          memorySwappiness: 0,
          oomKillDisable: true,
        },
      },
    ],
    [
      ['--cpus=.5', '-c', '7', '--cpuset-cpus=0-1', '--cpuset-mems=0', '--pids-limit=0', '--blkio-weight=10'],
      { resources: { cpus: 0.5, cpuShares: 7, cpusetCpus: '0-1', cpusetMems: '0', pidsLimit: -1, blockWeight: 10 } },
    ],
    [['--cpu-quota', '5000', '--cpu-period=10000'], { resources: { cpuQuotaMicros: 5000, cpuPeriodMicros: 10_000 } }],
  ])('%j', async (words, expected) => {
    expect(await created(words)).toMatchObject(expected)
  })

  test('the proxies of the host go along, unless they are not to; all of it only when asked for', async () => {
    const env = { http_proxy: 'p', NO_PROXY: 'n', OTHER: 'o' }
    expect((await created([], env)).environment).toEqual({ http_proxy: 'p', NO_PROXY: 'n' })
    expect((await created(['--http-proxy=false'], env)).environment).toBeUndefined()
    expect((await created(['--env-host', '-e', 'OTHER=mine'], env)).environment).toMatchObject({ ...env, OTHER: 'mine' })
  })

  test('a limit of 0 seconds, no zone and --init=false ask for nothing', async () => {
    const none = ['--memory=0', '--cpus=0', '--cpu-shares=0', '--memory-swappiness=-1', '--oom-kill-disable=false']
    const options = await created([...none, '--timeout=0', '--tz=', '--init=false', '--init-path=/sbin/init'])
    expect(Object.keys(options).toSorted()).toEqual(['createCommand', 'image', 'pull', 'signal'])
  })
})

test.each([
  ['--add-host=a', 'it is not NAME:ADDRESS'],
  ['--add-host=a:host-gateway', 'cannot honour --add-host a:host-gateway'],
  ['--no-hosts --add-host=a:1.1.1.1', 'cannot be set together'],
  ['--dns=none --dns=1.1.1.1', '--dns none'],
  ['--group-add=keep-groups,1', 'keep-groups'],
  ['--umask=8', '--umask'],
  ['--umask=1000', '--umask'],
  ['--oom-score-adj=1001', 'it is from -1000 to 1000'],
  ['--timeout=-1', '--timeout'],
  ['--personality=BSD', 'it is one of LINUX, LINUX32'],
  ['--annotation=a', 'it is not NAME=VALUE'],
  ['--sysctl=a', 'it is not NAME=VALUE'],
  ['--shm-size=1x', 'it is no size'],
  ['--shm-size-systemd=1x', 'it is no size'],
  ['--memory=-1', 'it is no size'],
  ['--device=dev', 'it is not PATH'],
  ['--device=/dev/a:/dev/b:x', 'it is not PATH'],
  ['--device=vendor.com/class=', 'nor a name as vendor.com/class=name'],
  ['--gpus=', 'it is not all, a number'],
  ['--gpus=0', '"0" is no number of GPUs'],
  ['--gpus=count=x', '"x" is no number of GPUs'],
  ['--gpus=device=', 'a name in it is empty'],
  ['--gpus=count=1,count=2', 'count is in it twice'],
  ['--gpus=driver=a,driver=b', 'driver is in it twice'],
  ['--gpus=speed=2', 'it has the field speed'],
  ['--gpus=count=1,options=a', 'cannot honour options in --gpus'],
  ['--pid=container:', 'it is private, host, container:NAME or ns:PATH'],
  ['--ipc=ns:relative', 'it is private, host, shareable, none, container:NAME or ns:PATH'],
  ['--userns=auto:size=9', 'cannot honour --userns auto:size=9'],
  ['--uts=mine', 'it is private, host, container:NAME or ns:PATH'],
])('%s is refused before the engine is opened', async (line, message) => {
  const { code, stderr } = await podwright(['create', ...line.split(' '), 'x'])
  expect(code).toBe(125)
  expect(stderr).toContain(message)
})
