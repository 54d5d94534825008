import { describe, expect, test } from 'vitest'
import { defaultCapabilities, generateSpec, type HostFacts, type SpecInput, specText } from '../../src/index.ts'

const host: HostFacts = {
  rootless: false,
  cgroupMode: 'v2',
  architecture: 'x64',
  kernel: '6.1.0',
  capabilities: [...defaultCapabilities, 'CAP_NET_ADMIN', 'CAP_SYS_ADMIN'],
  limits: new Map([
    ['nofile', { soft: 1024, hard: 20_000 }],
    ['nproc', { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY }],
  ]),
  mayRaiseLimits: false,
  oomScoreAdj: 100,
  hostname: 'host',
  hasMessageQueues: true,
}
const rootless: HostFacts = { ...host, rootless: true }
const id = 'abcdef0123456789'.repeat(4)

function generate(
  over: Partial<Omit<SpecInput, 'process'>> = {},
  process: Partial<SpecInput['process']> = {},
): ReturnType<typeof generateSpec> {
  return generateSpec({ id, host, rootfs: '/root/fs', process: { command: ['sh'], passwd: '', group: '', ...process }, ...over })
}

const targets = (input: Partial<Omit<SpecInput, 'process'>>): string[] => generate(input).spec.mounts.map(({ destination }) => destination)
const mountOn = (target: string, input: Partial<Omit<SpecInput, 'process'>>) =>
  generate(input).spec.mounts.find(({ destination }) => destination === target)
const code = (value: string) => expect.objectContaining({ code: value })

describe('the command', () => {
  const image = { Entrypoint: ['/entry'], Cmd: ['default'] }
  test.each([
    [{ image, command: [] }, ['/entry', 'default']],
    [{ image, command: ['own'] }, ['/entry', 'own']],
    [{ image, entrypoint: ['/mine'], command: [] }, ['/mine']],
    [{ image, entrypoint: ['/mine'], command: ['own'] }, ['/mine', 'own']],
    [{ image, entrypoint: [''], command: ['own'] }, ['own']],
    [{ image, entrypoint: [], command: ['own'] }, ['own']],
    [{ image: { Cmd: ['default'] }, command: [] }, ['default']],
  ])('%j', (process, args) => {
    expect(generate({}, process).spec.process.args).toEqual(args)
  })

  test('none at all', () => {
    expect(() => generate({}, { command: [], image: {} })).toThrow(code('ERR_COMMAND_EMPTY'))
    expect(() => generate({}, { command: [], image, entrypoint: [''] })).toThrow(code('ERR_COMMAND_EMPTY'))
  })

  test('behind an init', () => {
    const { spec } = generate({ files: { init: '/usr/bin/catatonit' } })
    expect(spec.process.args).toEqual(['/run/podwright-init', '--', 'sh'])
    expect(spec.mounts).toContainEqual({
      destination: '/run/podwright-init',
      type: 'bind',
      source: '/usr/bin/catatonit',
      options: ['bind', 'rprivate', 'ro'],
    })
  })
})

describe('the environment', () => {
  const image = { Env: ['A=image', 'B=image', 'PATH=/image'] }

  test('defaults, then the image, then the caller', () => {
    expect(generate({}, { image, environment: { B: 'own', C: '' } }).spec.process.env).toEqual([
      'PATH=/image',
      'container=podwright',
      'HOME=/',
      'HOSTNAME=abcdef012345',
      'A=image',
      'B=own',
      'C=',
    ])
  })

  test('a terminal has a type; variables can be taken away', () => {
    const env = generate({}, { terminal: true, unsetEnvironment: ['container', 'B'], image }).spec.process.env
    expect(env).toContain('TERM=xterm')
    expect(env?.some((word) => /^(container|B)=/.test(word))).toBe(false)
  })

  test('what is unset stays when the caller sets it; without any variables, home and host name have their defaults', () => {
    const some = generate({}, { unsetEnvironment: ['A', 'PATH'], environment: { A: 'own' }, image: { Env: ['A=image', 'B=image'] } })
    expect(some.spec.process.env).toEqual(['container=podwright', 'HOME=/', 'HOSTNAME=abcdef012345', 'B=image', 'A=own'])
    const all = generate({}, { unsetEnvironment: 'all', environment: { A: 'own' }, image: { Env: ['HOME=/image'] } })
    expect(all.spec.process.env).toEqual(['HOME=/', 'HOSTNAME=abcdef012345', 'A=own'])
  })

  test('home is the user’s', () => {
    expect(generate({}, { user: 'www', passwd: 'www:x:33:33::/var/www:' }).spec.process.env).toContain('HOME=/var/www')
  })
})

describe('capabilities', () => {
  test.each([
    [{}, [...defaultCapabilities]],
    [
      { capabilitiesAdd: ['net_admin'], capabilitiesDrop: ['CAP_KILL'] },
      [...defaultCapabilities.filter((name) => name !== 'CAP_KILL'), 'CAP_NET_ADMIN'],
    ],
    [{ capabilitiesDrop: ['all'] }, []],
    [{ capabilitiesDrop: ['ALL'], capabilitiesAdd: ['chown'] }, ['CAP_CHOWN']],
    [{ capabilitiesAdd: ['ALL'] }, [...host.capabilities]],
    [{ capabilitiesAdd: ['ALL'], capabilitiesDrop: ['sys_admin'] }, host.capabilities.filter((name) => name !== 'CAP_SYS_ADMIN')],
    [{ privileged: true }, [...host.capabilities]],
  ])('%j', (security, expected) => {
    const { capabilities } = generate({ security }).spec.process
    expect(capabilities?.bounding).toEqual(expected.toSorted())
    expect(capabilities?.effective).toEqual(expected.toSorted())
  })

  test('an unknown one, and one both added and dropped', () => {
    expect(() => generate({ security: { capabilitiesAdd: ['FLY'] } })).toThrow(code('ERR_CAPABILITY_UNKNOWN'))
    for (const names of [['KILL'], ['ALL']]) {
      expect(() => generate({ security: { capabilitiesAdd: names, capabilitiesDrop: names } })).toThrow(code('ERR_CAPABILITY_CONFLICT'))
    }
  })

  test('another user', () => {
    expect(generate({}, { user: '33' }).spec.process.capabilities).toEqual({ bounding: [...defaultCapabilities].toSorted() })
    const own = ['CAP_NET_ADMIN']
    expect(generate({ security: { capabilitiesAdd: own } }, { user: '33' }).spec.process.capabilities).toMatchObject({
      effective: own,
      permitted: own,
      inheritable: own,
      ambient: own,
    })
  })
})

describe('limits', () => {
  test('defaults as far as the host allows', () => {
    expect(generate().spec.process.rlimits).toEqual([
      { type: 'RLIMIT_NOFILE', soft: 20_000, hard: 20_000 },
      { type: 'RLIMIT_NPROC', soft: 4_194_304, hard: 4_194_304 },
    ])
    expect(generate().warnings).toEqual([])
    expect(generate({ host: { ...host, mayRaiseLimits: true } }).spec.process.rlimits?.[0]).toMatchObject({ hard: 1_048_576 })
  })

  test('what was asked for, with a word where the host allows less', () => {
    const limits = [
      { name: 'nofile', soft: 50, hard: 100_000 },
      { name: 'RLIMIT_CORE', soft: 0, hard: Number.POSITIVE_INFINITY },
    ]
    const { spec, warnings } = generate({ resources: { limits } })
    expect(spec.process.rlimits).toContainEqual({ type: 'RLIMIT_NOFILE', soft: 50, hard: 20_000 })
    expect(warnings).toEqual([expect.stringContaining('nofile')])
    expect(specText(spec)).toContain('{"type":"RLIMIT_CORE","soft":0,"hard":18446744073709551615}')
  })

  test.each([
    { name: 'files', soft: 1, hard: 1 },
    { name: 'nofile', soft: 2, hard: 1 },
  ])('%j', (limit) => {
    expect(() => generate({ resources: { limits: [limit] } })).toThrow(code('ERR_RESOURCE_LIMIT'))
  })

  test('nobody without privileges goes below their own score', () => {
    expect(generate({ resources: { oomScoreAdj: -500 } }).spec.process.oomScoreAdj).toBe(100)
    expect(generate({ resources: { oomScoreAdj: 500 } }).spec.process.oomScoreAdj).toBe(500)
  })
})

describe('mounts', () => {
  test('defaults', () => {
    expect(targets({})).toEqual(['/proc', '/dev', '/sys', '/dev/pts', '/dev/mqueue', '/dev/shm', '/sys/fs/cgroup'])
    expect(targets({ host: { ...host, cgroupMode: 'none' } })).not.toContain('/sys/fs/cgroup')
  })

  test('gid 5 only where it is mapped', () => {
    const gids = (size: number): HostFacts => ({ ...rootless, idMap: { uids: [], gids: [{ containerId: 0, hostId: 1000, size }] } })
    expect(mountOn('/dev/pts', { host: gids(6) })?.options).toContain('gid=5')
    expect(mountOn('/dev/pts', { host: gids(5) })?.options).not.toContain('gid=5')
  })

  test('the host’s network, rootless, brings the host’s /sys', () => {
    const input = { host: { ...rootless, cgroupMode: 'v1' as const }, namespaces: { network: 'host' as const } }
    expect(mountOn('/sys', input)).toMatchObject({ type: 'bind', options: expect.arrayContaining(['rbind', 'ro']) })
    expect(targets(input)).not.toContain('/sys/fs/cgroup')
    expect(mountOn('/sys', { namespaces: { network: 'host' } })).toMatchObject({ type: 'sysfs' })
  })

  test('the host’s pid and ipc namespaces', () => {
    expect(mountOn('/proc', { host: rootless, namespaces: { pid: 'host' } })).toMatchObject({ type: 'bind', source: '/proc' })
    expect(mountOn('/proc', { namespaces: { pid: 'host' } })).toMatchObject({ type: 'proc' })
    expect(mountOn('/dev/mqueue', { namespaces: { ipc: 'host' } })).toMatchObject({ type: 'bind' })
    expect(mountOn('/dev/mqueue', { host: { ...host, hasMessageQueues: false }, namespaces: { ipc: 'host' } })).toBeUndefined()
  })

  test('an ipc namespace that is another’s, and its memory', () => {
    const shared = { resources: { shmDirectory: '/c/shm' }, namespaces: { ipc: { path: '/proc/7/ns/ipc' } } } as const
    expect(mountOn('/dev/shm', shared)).toMatchObject({ type: 'bind', source: '/c/shm' })
    expect(mountOn('/dev/mqueue', shared)).toMatchObject({ type: 'mqueue' })
    const user = { uids: [{ containerId: 0, hostId: 1, size: 9 }], gids: [{ containerId: 0, hostId: 1, size: 9 }] }
    expect(mountOn('/dev/mqueue', { namespaces: { ...shared.namespaces, user } })).toBeUndefined()
  })

  test('what the caller mounts takes the place of a default, and all are shallow first', () => {
    const mounts = [
      { type: 'bind', source: '/a', target: '/x/y/z/' },
      { type: 'bind', source: '/dev', target: '/dev', options: ['rslave'] },
      { type: 'tmpfs', target: '/x' },
    ] as const
    expect(targets({ mounts })).toEqual(['/proc', '/sys', '/dev', '/x', '/sys/fs/cgroup', '/x/y/z'])
    expect(generate({ mounts }).spec.linux.rootfsPropagation).toBe('rslave')
    const shared = [{ type: 'bind', source: '/a', target: '/b', options: ['rshared'] }] as const
    expect(generate({ mounts: shared }).spec.linux.rootfsPropagation).toBe('shared')
  })

  test('options', () => {
    const options = (given: readonly string[], readOnly?: boolean) =>
      mountOn('/t', { mounts: [{ type: 'bind', source: '/s', target: '/t', options: given, readOnly }] })?.options
    expect(options([])).toEqual(['rw', 'rprivate', 'rbind'])
    expect(options(['nosuid,rslave'], true)).toEqual(['nosuid', 'rslave', 'ro', 'rbind'])
    expect(options(['bind'])).toEqual(['bind', 'rw', 'rprivate'])
    const tmpfs = (given: readonly string[]) => mountOn('/t', { mounts: [{ type: 'tmpfs', target: '/t', options: given }] })?.options
    expect(tmpfs(['size=1m', 'dev'])).toEqual(['size=1m', 'dev', 'rw', 'rprivate', 'nosuid', 'tmpcopyup'])
    expect(tmpfs(['notmpcopyup'])).toEqual(['rw', 'rprivate', 'nosuid', 'nodev'])
  })

  test.each([
    [[{ type: 'bind', source: '/a', target: 'relative' }]],
    [[{ type: 'bind', source: '/a', target: '/' }]],
    [[{ type: 'bind', source: '/a', target: '/x/..' }]],
    [[{ type: 'bind', source: 'relative', target: '/x' }]],
    [[{ type: 'bind', source: '/a', target: '/x', options: ['ro', 'rw'] }]],
    [[{ type: 'bind', source: '/a', target: '/x', options: ['rw'], readOnly: true }]],
    [
      [
        { type: 'tmpfs', target: '/x' },
        { type: 'tmpfs', target: '/x/' },
      ],
    ],
  ] as const)('%j is an error', (mounts) => {
    expect(() => generate({ mounts })).toThrow(code('ERR_MOUNT_OPTION'))
  })

  test('a read-only root keeps places to write to', () => {
    const input = { readOnlyRoot: true, files: { hosts: '/h', resolvConf: '/r' } }
    expect(generate(input).spec.root).toEqual({ path: '/root/fs', readonly: true })
    for (const target of ['/run', '/tmp', '/var/tmp']) expect(mountOn(target, input)).toMatchObject({ type: 'tmpfs' })
    expect(mountOn('/etc/hosts', input)?.options).toContain('ro')
    expect(targets({ ...input, readOnlyTmpfs: false })).not.toContain('/tmp')
  })
})

describe('isolation', () => {
  const types = (input: Partial<Omit<SpecInput, 'process'>>) =>
    generate(input).spec.linux.namespaces.map(({ type, path }) => (path ? `${type}=${path}` : type))

  test('namespaces', () => {
    expect(types({})).toEqual(['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'])
    expect(types({ host: { ...host, cgroupMode: 'hybrid' } })).not.toContain('cgroup')
    const namespaces = { network: { path: '/run/netns/x' }, pid: 'host', ipc: 'host', uts: 'host', cgroup: 'host' } as const
    expect(types({ namespaces })).toEqual(['network=/run/netns/x', 'mount'])
    expect(targets({ namespaces })).toContain('/dev/shm')
    expect(mountOn('/dev/shm', { namespaces })).toMatchObject({ type: 'bind', source: '/dev/shm' })
  })

  test('names', () => {
    expect(generate().spec.hostname).toBe('abcdef012345')
    expect(generate({ hostname: 'box', domainname: 'example' }).spec).toMatchObject({ hostname: 'box', domainname: 'example' })
    expect(generate({ namespaces: { network: 'host' } }).spec.hostname).toBe('host')
    expect(generate({ namespaces: { uts: 'host' } }).spec.hostname).toBeUndefined()
    expect(generate({ namespaces: { uts: { path: '/proc/7/ns/uts' } } }).spec.hostname).toBeUndefined()
  })

  test('paths are hidden and protected, unless asked otherwise', () => {
    const { linux } = generate().spec
    expect(linux.maskedPaths).toContain('/proc/kcore')
    expect(linux.readonlyPaths).toContain('/proc/sys')
    const open = generate({ security: { unmaskedPaths: ['/proc/*'], maskedPaths: ['/etc/secret'] } }).spec.linux
    expect(open.maskedPaths).toEqual(expect.arrayContaining(['/sys/firmware', '/etc/secret']))
    expect(open.maskedPaths).not.toContain('/proc/kcore')
    expect(open.readonlyPaths).toEqual([])
    for (const security of [{ privileged: true }, { unmaskedPaths: ['ALL'] }]) {
      expect(generate({ security }).spec.linux).not.toHaveProperty('maskedPaths')
    }
  })

  test('sysctls', () => {
    expect(generate({ sysctls: { 'net.core.somaxconn': '9' } }).spec.linux.sysctl).toEqual({
      'net.ipv4.ping_group_range': '0 0',
      'net.core.somaxconn': '9',
    })
    expect(generate({ namespaces: { network: 'host' } }).spec.linux.sysctl).toBeUndefined()
    expect(() => generate({ sysctls: { 'vm.swappiness': '1' } })).toThrow(code('ERR_SYSCTL'))
    expect(() => generate({ sysctls: { 'net.core.x': '1' }, namespaces: { network: 'host' } })).toThrow(code('ERR_SYSCTL'))
    expect(() => generate({ sysctls: { 'kernel.shmmax': '1' }, namespaces: { ipc: 'host' } })).toThrow(code('ERR_SYSCTL'))
  })

  test('control groups', () => {
    expect(generate({ resources: { cgroupsPath: '/p/x', pidsLimit: 5, resources: { memory: { limit: 1 } } } }).spec.linux).toMatchObject({
      cgroupsPath: '/p/x',
      resources: { devices: [{ allow: false, access: 'rwm' }], pids: { limit: 5 }, memory: { limit: 1 } },
    })
    expect(generate().spec.linux.resources).toMatchObject({ pids: { limit: 2048 } })
    expect(generate({ resources: { pidsLimit: 0 } }).spec.linux.resources).not.toHaveProperty('pids')
    expect(generate({ resources: { cgroups: 'disabled', cgroupsPath: '/x' } }).spec.linux).not.toHaveProperty('cgroupsPath')
    expect(generate({ host: rootless }).spec.linux.resources).not.toHaveProperty('devices')
  })

  test('devices are made by root, and bound by others', () => {
    const devices = [{ source: '/dev/fuse', type: 'c', major: 10, minor: 229, mode: 0o20666, uid: 0, gid: 0 }] as const
    const { linux } = generate({ resources: { devices } }).spec
    expect(linux.devices).toEqual([{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 }])
    expect(linux.resources).toMatchObject({ devices: [{ allow: false }, { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' }] })
    expect(mountOn('/dev/fuse', { host: rootless, resources: { devices } })).toMatchObject({ type: 'bind', source: '/dev/fuse' })
  })

  test('what has no field of its own is laid over', () => {
    expect(generate({ linux: { rootfsPropagation: 'rslave' }, annotations: { a: 'b' } }).spec).toMatchObject({
      annotations: { a: 'b' },
      linux: { rootfsPropagation: 'rslave' },
    })
  })
})
