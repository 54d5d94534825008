import type { ContainerDetails, EngineInfo, HostFinding, LogEntry, LogOptions } from '@podwright/contracts'
import { describe, expect, test } from 'vitest'
import { ago, details, image, noContainer, noImage, now, summary } from '../fixtures/engine.ts'
import { podwright } from '../fixtures/program.ts'

describe('logs', () => {
  const entry = (stream: 'stdout' | 'stderr', text: string): LogEntry => ({ time: ago(5), stream, data: Buffer.from(text) })
  const logsOf = (
    entries: readonly LogEntry[],
    asked: LogOptions[] = [],
  ): { readonly logs: (_: string, options?: LogOptions) => AsyncIterable<LogEntry> } => ({
    async *logs(_: string, options: LogOptions = {}) {
      asked.push(options)
      yield* entries
    },
  })

  test('each stream to its own, byte for byte', async () => {
    const entries = [entry('stdout', 'one\n'), entry('stderr', 'two\n'), entry('stdout', 'thr'), entry('stdout', 'ee\n')]
    expect(await podwright('logs web', { containers: logsOf(entries) })).toMatchObject({ code: 0, stdout: 'one\nthree\n', stderr: 'two\n' })
  })

  test('times and names stand at the beginning of lines only', async () => {
    const entries = [entry('stdout', 'a'), entry('stderr', 'x\n'), entry('stdout', 'b\n')]
    const containers = { ...logsOf(entries), inspect: async () => details() }
    expect(await podwright('logs -t --names web', { containers })).toMatchObject({
      stdout: 'web 2026-01-31T11:59:55.000Z ab\n',
      stderr: 'web 2026-01-31T11:59:55.000Z x\n',
    })
  })

  test('colours go round whole lines, and end with what has no end', async () => {
    const entries = [entry('stdout', 'a'), entry('stdout', 'b\n'), entry('stderr', 'x')]
    expect(await podwright('logs --color web', { containers: logsOf(entries) })).toMatchObject({
      stdout: '\u001b[31mab\u001b[0m\n',
      stderr: '\u001b[31mx\u001b[0m',
    })
  })

  test('details are what the log options say, encoded as docker does it', async () => {
    const containers = { ...logsOf([entry('stdout', 'a\n')]), inspect: async () => details({ logDetails: { tier: 'a b', A: '1,2' } }) }
    expect(await podwright('logs --details web', { containers })).toMatchObject({ stdout: 'A=1%2C2,tier=a+b a\n' })
    const none = { ...logsOf([entry('stdout', 'a\n')]), inspect: async () => details() }
    expect(await podwright('logs --details web', { containers: none })).toMatchObject({ stdout: ' a\n' })
  })

  test('times have nanoseconds where they are known', async () => {
    const entries = [{ ...entry('stdout', 'a\n'), timeText: '2026-01-31T11:59:55.000000001Z' }]
    expect(await podwright('logs -t web', { containers: logsOf(entries) })).toMatchObject({ stdout: '2026-01-31T11:59:55.000000001Z a\n' })
  })

  test('several containers come in the order of the times', async () => {
    const at = (seconds: number, text: string): LogEntry => ({ time: ago(seconds), stream: 'stdout', data: Buffer.from(text) })
    const lines: Readonly<Record<string, readonly LogEntry[]>> = { one: [at(9, 'a\n'), at(3, 'd\n')], two: [at(7, 'b\n'), at(5, 'c\n')] }
    const containers = {
      async *logs(reference: string) {
        yield* lines[reference] ?? []
      },
      inspect: async (name: string): Promise<ContainerDetails> => details({ name }),
    }
    expect(await podwright('logs --names one two', { containers })).toMatchObject({ stdout: 'one a\ntwo b\ntwo c\none d\n' })
  })

  test('several containers', async () => {
    const containers = {
      ...logsOf([entry('stdout', 'a\n')]),
      inspect: async (id: string): Promise<ContainerDetails> => details({ id: id.padEnd(64, '0') }),
    }
    expect(await podwright('logs one two', { containers })).toMatchObject({ stdout: 'one000000000 a\ntwo000000000 a\n' })
  })

  test.each([
    ['logs --tail 5 web', { tail: 5 }],
    ['logs -n0 web', { tail: 0 }],
    ['logs --tail all web', {}],
    ['logs --tail=-1 web', {}],
    ['logs -f web', { follow: true }],
    ['logs --since 10m --until 30s web', { since: new Date(now - 600_000), until: new Date(now - 30_000) }],
    ['logs --since 1h30m web', { since: new Date(now - 5_400_000) }],
    ['logs --since 1769860000.5 web', { since: new Date(1_769_860_000_500) }],
    ['logs --since 2026-01-31T10:00:00Z web', { since: new Date('2026-01-31T10:00:00Z') }],
    ['logs --since 2026-01-31T10:00:00+02:00 web', { since: new Date('2026-01-31T08:00:00Z') }],
    ['logs --since 2026-01-31 web', { since: new Date('2026-01-31T00:00') }],
  ])('%s', async (line, expected) => {
    const asked: LogOptions[] = []
    expect(await podwright(line, { containers: logsOf([], asked) })).toMatchObject({ code: 0, stderr: '' })
    const { signal: _, ...options } = asked[0] ?? {}
    expect(options).toEqual(expected)
  })

  test.each(['logs --tail x web', 'logs --since yesterday web', 'logs'])('%s is refused', async (line) => {
    expect(await podwright(line)).toMatchObject({ code: 125 })
  })
})

describe('inspect', () => {
  const inspect = async (reference: string): Promise<ContainerDetails> => {
    if (reference !== 'web') throw noContainer(reference)
    return details({
      options: {
        image: 'debian',
        mounts: [{ type: 'bind', source: '/a', target: '/b', readOnly: true, options: ['rshared'] }],
        environment: { A: 'b' },
        autoRemove: true,
        capabilitiesAdd: ['NET_ADMIN'],
        createCommand: ['podwright', 'run', 'debian'],
      },
    })
  }
  const inspectImage = async (reference: string): ReturnType<typeof asImage> => asImage(reference)
  const asImage = async (reference: string): Promise<{ image: ReturnType<typeof image>; config: never }> => {
    if (reference !== 'debian' && !reference.startsWith('sha256:')) throw noImage(reference)
    const config = {
      os: 'linux',
      architecture: 'amd64',
      created: '2026-01-01T00:00:00Z',
      config: { Entrypoint: ['sleep'], Cmd: ['1'], WorkingDir: '/srv' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${'9'.repeat(64)}`] },
    }
    return { image: image(), config: config as never }
  }
  const engine = { containers: { inspect }, images: { inspect: inspectImage } }

  test("a container in docker's shape", async () => {
    const { code, stdout } = await podwright('inspect web', engine)
    expect(code).toBe(0)
    const [document, ...others] = JSON.parse(stdout)
    expect(others).toEqual([])
    expect(document).toMatchObject({
      Id: summary().id,
      Created: '2026-01-31T11:56:40.000Z',
      Path: 'sleep',
      Args: ['100'],
      State: {
        Status: 'running',
        Running: true,
        Paused: false,
        OOMKilled: false,
        Dead: false,
        Pid: 4711,
        ExitCode: 0,
        Error: '',
        StartedAt: '2026-01-31T11:57:00.000Z',
        FinishedAt: '0001-01-01T00:00:00Z',
        ConmonPid: 4700,
      },
      Image: summary().imageId,
      ImageName: 'docker.io/library/debian:12',
      Name: 'web',
      Driver: 'overlay',
      OCIRuntime: 'crun',
      Mounts: [{ Type: 'bind', Source: '/a', Destination: '/b', RW: false, Propagation: 'rshared' }],
      Config: {
        Env: ['A=b'],
        Entrypoint: ['sleep'],
        Cmd: ['100'],
        WorkingDir: '/srv',
        Tty: false,
        Labels: { tier: 'front' },
        CreateCommand: ['podwright', 'run', 'debian'],
      },
      HostConfig: { Binds: ['/a:/b:ro,rshared'], AutoRemove: true, NetworkMode: 'private', CapAdd: ['NET_ADMIN'] },
      NetworkSettings: { Networks: { private: {} } },
    })
  })

  test('an image', async () => {
    const { stdout } = await podwright('inspect debian', engine)
    expect(JSON.parse(stdout)).toMatchObject([
      {
        Id: image().id,
        RepoTags: image().names,
        RepoDigests: image().digests,
        Created: '2026-01-01T00:00:00Z',
        Os: 'linux',
        Architecture: 'amd64',
        Size: 170_400_000,
        Config: { Cmd: ['1'] },
        RootFS: { Type: 'layers', Layers: [`sha256:${'9'.repeat(64)}`] },
      },
    ])
  })

  test.each([
    ['inspect nope', 'Error: no container or image is named "nope"'],
    ['inspect --type container debian', 'Error: no container is named "debian"'],
    ['container inspect debian', 'Error: no container is named "debian"'],
    ['image inspect web', 'Error: no image is named "web"'],
    ['inspect -t image web', 'Error: no image is named "web"'],
  ])('%s: 1, and an empty array', async (line, message) => {
    const ran = await podwright(line, engine)
    expect(ran).toMatchObject({ code: 1, stdout: '[]\n' })
    expect(ran.stderr).toContain(message)
  })

  test('what is found is printed', async () => {
    const ran = await podwright('inspect web nope debian', engine)
    expect(ran.code).toBe(1)
    expect(JSON.parse(ran.stdout)).toHaveLength(2)
  })

  test('a container whose image is gone', async () => {
    const gone = async (reference: string): Promise<never> => {
      throw noImage(reference)
    }
    const { code, stdout } = await podwright('inspect web', { containers: { inspect }, images: { inspect: gone } })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)[0].Config).toMatchObject({ Entrypoint: null, Cmd: ['sleep', '100'] })
  })
})

describe('info, version, doctor, unshare', () => {
  const facts: EngineInfo = {
    version: '1.2.3',
    host: {
      architecture: 'amd64',
      kernel: '6.18.0',
      distribution: 'Debian GNU/Linux 12',
      hostname: 'box',
      cpus: 2,
      memoryBytes: 25_000_000_000,
      memoryFreeBytes: 20_000_000_000,
      swapTotalBytes: 2_000_000_000,
      swapFreeBytes: 1_000_000_000,
      uptimeSeconds: 176_523,
      cgroupVersion: 'v2',
      cgroupManager: 'systemd',
      cgroupControllers: ['cpu', 'memory', 'pids'],
      security: { appArmor: false, selinux: false, seccomp: true, capabilities: ['CAP_CHOWN', 'CAP_KILL'] },
      rootless: true,
      runtime: { name: 'crun', path: '/usr/bin/crun', version: '1.8.1' },
      monitor: undefined,
      uplink: { name: 'pasta', path: '/usr/bin/pasta' },
      idMap: {
        uids: [
          [0, 1000, 1],
          [1, 100_000, 65_536],
        ],
        gids: [[0, 1000, 1]],
      },
    },
    store: {
      root: '/data',
      runRoot: '/run/x',
      driver: 'overlay',
      fileSystem: 'ext4',
      totalBytes: 100_000_000_000,
      usedBytes: 40_000_000_000,
      volumes: '/data/volumes',
      images: 3,
      containers: { total: 2, running: 1, paused: 0, stopped: 1 },
    },
    devices: {
      directories: ['/etc/cdi', '/var/run/cdi'],
      devices: [{ name: 'nvidia.com/gpu=all', file: '/etc/cdi/nvidia.yaml' }],
      problems: [{ path: '/etc/cdi/a.json', message: 'kind is missing' }],
    },
    configFiles: [],
    searchRegistries: ['docker.io'],
  }

  test('info', async () => {
    const { stdout } = await podwright('info', { system: { info: async () => facts } })
    expect(stdout).toMatchInlineSnapshot(`
      "version:      1.2.3
      host:
        distribution: Debian GNU/Linux 12
        kernel:       6.18.0
        architecture: amd64
        hostname:     box
        cpus:         2
        memory:       25GB
        cgroups:      v2, systemd
        log driver:   k8s-file
        rootless:     yes
        runtime:      crun 1.8.1 (/usr/bin/crun)
        monitor:      none found; see 'podwright doctor'
        uplink:       pasta (/usr/bin/pasta)
        uid map:
          0 1000 1
          1 100000 65536
        gid map:
          0 1000 1
      store:
        root:        /data
        run root:    /run/x
        driver:      overlay
        file system: ext4
        images:      3
        containers:  2 (1 running, 0 paused, 1 stopped)
      devices:
        described in:
          /etc/cdi
          /var/run/cdi
        found:
          nvidia.com/gpu=all
        left out:
          /etc/cdi/a.json: kind is missing
      config files: none
      "
    `)
  })

  test('info --format json', async () => {
    const { stdout } = await podwright('info -f json', { system: { info: async () => facts } })
    expect(JSON.parse(stdout)).toMatchObject({
      host: {
        arch: 'amd64',
        cgroupControllers: ['cpu', 'memory', 'pids'],
        cgroupManager: 'systemd',
        security: { rootless: true, seccompEnabled: true, capabilities: 'CAP_CHOWN,CAP_KILL' },
        uptime: '49h 2m 3.00s (Approximately 2.04 days)',
        ociRuntime: { name: 'crun' },
        idMappings: { uidmap: [{ container_id: 0, host_id: 1000, size: 1 }, {}] },
      },
      devices: {
        cdiSpecDirs: ['/etc/cdi', '/var/run/cdi'],
        found: [{ name: 'nvidia.com/gpu=all' }],
        problems: [{ path: '/etc/cdi/a.json' }],
      },
      store: { graphRoot: '/data', graphDriverName: 'overlay', containerStore: { number: 2 } },
      version: { Version: '1.2.3' },
    })
  })

  test.each([
    ['{{.Host.CgroupsVersion}} {{.Host.CgroupManager}} {{.Host.MemFree}} {{.Store.VolumePath}}', 'v2 systemd 20000000000 /data/volumes'],
    ['{{.CgroupVersion}} {{.CgroupDriver}} {{.MemoryLimit}} {{.CPUSet}}', '2 systemd true false'],
    ['{{.SecurityOptions}}', '[name=seccomp,profile=builtin name=rootless name=cgroupns]'],
    ['{{json .Registries}}', '{"search":["docker.io"]}'],
  ])('info --format %s', async (format, text) => {
    const { stdout } = await podwright(['info', '--format', format], { system: { info: async () => facts } })
    expect(stdout).toBe(`${text}\n`)
  })

  test('version opens no engine', async () => {
    const text = await podwright('version')
    expect(text.stdout).toMatch(/^Engine: +podwright\nVersion: +9\.9\.9\nNode version: .*\nOS\/Arch: .*\n$/)
    expect(text.choice).toBeUndefined()
    expect(JSON.parse((await podwright('version -f json')).stdout)).toMatchObject({
      Client: { Version: '9.9.9' },
      Server: { Version: '9.9.9' },
    })
    for (const line of ['--version', '-v']) expect((await podwright(line)).stdout).toBe('podwright version 9.9.9\n')
  })

  const findings: HostFinding[] = [
    { id: 'kernel', title: 'Kernel', status: 'ok', found: '6.18' },
    {
      id: 'subuid',
      title: 'Subordinate ids',
      status: 'error',
      found: 'no range for plain in /etc/subuid',
      fix: 'sudo usermod --add-subuids 100000-165535 plain\nsudo usermod --add-subgids 100000-165535 plain',
    },
    { id: 'cgroups', title: 'Control groups', status: 'warning', found: 'hybrid' },
  ]

  test('doctor', async () => {
    const { code, stdout } = await podwright('doctor', { system: { doctor: async () => findings } })
    expect(code).toBe(1)
    expect(stdout).toMatchInlineSnapshot(`
      "ok       Kernel           6.18
      error    Subordinate ids  no range for plain in /etc/subuid
               fix: sudo usermod --add-subuids 100000-165535 plain
                    sudo usermod --add-subgids 100000-165535 plain
      warning  Control groups   hybrid

      1 error, 1 warning
      "
    `)
    const fine = await podwright('doctor', { system: { doctor: async () => findings.slice(0, 1) } })
    expect(fine.code).toBe(0)
    const json = await podwright('doctor --format json', { system: { doctor: async () => findings } })
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toEqual(findings)
  })

  test('doctor has colours on a terminal only', async () => {
    const { stdout } = await podwright('doctor', { system: { doctor: async () => findings }, terminal: true })
    expect(stdout).toContain('\u001b[31merror    \u001b[0mSubordinate ids')
  })

  test('unshare runs the command, or the shell', async () => {
    const ran: (readonly string[])[] = []
    const unshare = async (command: readonly string[]): Promise<number> => {
      ran.push(command)
      return 5
    }
    expect((await podwright('unshare cat -A /proc/self/uid_map', { system: { unshare } })).code).toBe(5)
    await podwright('unshare', { system: { unshare }, env: { SHELL: '/bin/zsh' } })
    await podwright('unshare', { system: { unshare } })
    expect(ran).toEqual([['cat', '-A', '/proc/self/uid_map'], ['/bin/zsh'], ['/bin/sh']])
  })
})
