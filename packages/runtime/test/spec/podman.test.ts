import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTool } from '@podwright/linux'
import type { RuntimeSpec } from '@podwright/oci'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateSpec, loadSeccompProfile, type MountInput, readHostFacts, type SpecInput } from '../../src/index.ts'

const isPossible = process.getuid?.() === 0 && findTool('podman') !== undefined
if (!isPossible) process.stderr.write('skipped: comparison with podman: needs root and podman\n')

const passwd = 'root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/var/www:/bin/sh\n'
const group = 'root:x:0:\nwww:x:33:\nextra:x:44:www\n'

describe.skipIf(!isPossible)('podman generates the same', () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'pwpod-'))
    for (const name of ['rootfs', 'rootfs/etc', 'rootfs/bin']) mkdirSync(join(directory, name))
    writeFileSync(join(directory, 'rootfs/etc/passwd'), passwd)
    writeFileSync(join(directory, 'rootfs/etc/group'), group)
  })
  afterAll(() => {
    podman('system', 'prune', '--force')
    rmSync(directory, { recursive: true, force: true })
  })

  const podman = (...words: readonly string[]): string => {
    const own = ['--root', join(directory, 'root'), '--runroot', join(directory, 'run'), '--cgroup-manager', 'cgroupfs']
    return spawnSync('podman', [...own, '--storage-driver', 'vfs', ...words], { encoding: 'utf8' }).stdout.trim()
  }

  /** Its config is there after an attempt to start, even where the start fails. */
  const theirs = (flags: readonly string[]): RuntimeSpec => {
    const id = podman('create', ...flags, '--rootfs', join(directory, 'rootfs'), '/bin/sh')
    podman('start', id)
    const path = podman('inspect', '--format', '{{.OCIConfigPath}}', id)
    const spec = JSON.parse(readFileSync(path, 'utf8')) as RuntimeSpec
    podman('rm', '--force', id)
    return spec
  }

  const ours = async (over: Partial<Omit<SpecInput, 'process'>>, process: Partial<SpecInput['process']>): Promise<RuntimeSpec> =>
    generateSpec({
      id: 'a'.repeat(64),
      host: readHostFacts({ rootless: false }),
      rootfs: join(directory, 'rootfs'),
      namespaces: { network: 'none' },
      files: { hosts: '/x/hosts', hostname: '/x/hostname', containerEnv: '/x/.containerenv' },
      ...over,
      security: { seccomp: await loadSeccompProfile(undefined, { privileged: over.security?.privileged }), ...over.security },
      process: { command: ['/bin/sh'], passwd, group, ...process },
    }).spec

  const mounts = [
    { type: 'bind', source: '/tmp', target: '/w', options: ['rshared', 'nosuid'] },
    { type: 'bind', source: '/tmp', target: '/v', readOnly: true },
    { type: 'tmpfs', target: '/x', options: ['size=1m'] },
  ] satisfies MountInput[]
  const mountFlags = ['-v', '/tmp:/w:rshared,nosuid', '-v', '/tmp:/v:ro', '--tmpfs', '/x:size=1m']

  test.each([
    ['plain', ['--network', 'none'], {}, {}],
    [
      'host network',
      ['--network', 'host'],
      {
        namespaces: { network: 'host' },
        files: { hosts: '/x/hosts', hostname: '/x/hostname', resolvConf: '/x/resolv.conf', containerEnv: '/x/.containerenv' },
      },
      {},
    ],
    ['user', ['--network', 'none', '--user', 'www'], {}, { user: 'www' }],
    [
      'capabilities',
      ['--network', 'none', '--user', 'www', '--cap-add', 'net_admin', '--cap-drop', 'KILL', '--security-opt', 'no-new-privileges'],
      { security: { capabilitiesAdd: ['net_admin'], capabilitiesDrop: ['KILL'], noNewPrivileges: true } },
      { user: 'www' },
    ],
    ['mounts', ['--network', 'none', ...mountFlags], { mounts }, {}],
    ['privileged', ['--network', 'none', '--privileged'], { security: { privileged: true } }, {}],
  ] as const)('%s', { timeout: 60_000 }, async (_name, flags, over, process) => {
    const [theirSpec, ourSpec] = [theirs(flags), await ours(over, process)]
    expect(ourSpec.process.capabilities).toEqual(theirSpec.process.capabilities)
    expect(ourSpec.process.user).toEqual({ ...theirSpec.process.user, ...groupsOf(theirSpec, ourSpec) })
    expect(ourSpec.process.noNewPrivileges).toBe(theirSpec.process.noNewPrivileges)
    expect(environmentOf(ourSpec)).toEqual(environmentOf(theirSpec))
    expect(namespacesOf(ourSpec)).toEqual(namespacesOf(theirSpec))
    expect(ourSpec.linux.sysctl).toEqual(theirSpec.linux.sysctl)
    expect(ourSpec.linux.rootfsPropagation).toBe(theirSpec.linux.rootfsPropagation)
    // Ours hides somewhat more: what later versions found to leak.
    expect(ourSpec.linux.maskedPaths ?? []).toEqual(expect.arrayContaining([...(theirSpec.linux.maskedPaths ?? [])]))
    expect((ourSpec.linux.readonlyPaths ?? []).toSorted()).toEqual((theirSpec.linux.readonlyPaths ?? []).toSorted())
    expect(mountsOf(ourSpec)).toEqual(mountsOf(theirSpec))
    expect(ourSpec.linux.seccomp?.architectures).toEqual(theirSpec.linux.seccomp?.architectures)
    expect(ourSpec.linux.seccomp?.defaultErrnoRet).toEqual(theirSpec.linux.seccomp?.defaultErrnoRet)
  })
})

/** Podman 4 leaves out the groups of a user when there is no image; later ones don't. */
function groupsOf(theirs: RuntimeSpec, ours: RuntimeSpec): { additionalGids?: readonly number[] } {
  const all = new Set([...(theirs.process.user.additionalGids ?? []), ...(ours.process.user.additionalGids ?? [])])
  return all.size === 0 ? {} : { additionalGids: [...all].toSorted((a, b) => a - b) }
}

/** Names only. Podman sets TERM even without a terminal, and `container` only with an image. */
function environmentOf(spec: RuntimeSpec): readonly string[] {
  const names = (spec.process.env ?? []).map((word) => word.split('=')[0] ?? '')
  return names.filter((name) => name !== 'TERM' && name !== 'container').toSorted()
}

function namespacesOf(spec: RuntimeSpec): readonly string[] {
  return spec.linux.namespaces.map(({ type }) => type).toSorted()
}

/** /dev/shm is mounted by Podman itself, and bound; every other one must be the same, in whatever order its options are. */
function mountsOf(spec: RuntimeSpec): readonly (readonly [string, string | undefined, string])[] {
  return spec.mounts
    .filter(({ destination }) => destination !== '/dev/shm' && !/^\/dev\/(?!pts|mqueue)/.test(destination))
    .map(({ destination, type, options = [] }) => [destination, type, normalised(options, type)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** What is the default of a mount says nothing. */
function normalised(options: readonly string[], type: string | undefined): string {
  const silent = ['rw', ...(type === 'bind' ? [] : ['rprivate'])]
  return options
    .filter((option) => !silent.includes(option))
    .toSorted()
    .join(',')
}
