import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultCapabilities, loadSeccompProfile, parseSeccompProfile, resolveSeccomp, type SeccompProfile } from '../../src/index.ts'
import { makeTemporary } from '../support/temporary.ts'

const target = { architecture: 'x64', capabilities: defaultCapabilities, kernel: '6.1.0-13-amd64' }
const systemProfile = '/usr/share/containers/seccomp.json'

async function defaultProfile(): Promise<SeccompProfile> {
  const profile = await loadSeccompProfile()
  if (profile === undefined) throw new Error('there is a default profile')
  return profile
}

test('unconfined and privileged have none', async () => {
  expect(await loadSeccompProfile('unconfined')).toBeUndefined()
  expect(await loadSeccompProfile(undefined, { privileged: true })).toBeUndefined()
})

test('rules follow the capabilities, the architecture and the kernel', async () => {
  const profile = await defaultProfile()
  const actionsOf = (name: string, over: Partial<typeof target> = {}): string[] =>
    (resolveSeccomp(profile, { ...target, ...over }).syscalls ?? []).filter(({ names }) => names.includes(name)).map(({ action }) => action)
  expect(actionsOf('bpf')).toEqual(['SCMP_ACT_ERRNO'])
  expect(actionsOf('bpf', { capabilities: ['CAP_SYS_ADMIN'] })).toEqual(['SCMP_ACT_ALLOW'])
  expect(actionsOf('arch_prctl')).toEqual(['SCMP_ACT_ALLOW'])
  expect(actionsOf('arch_prctl', { architecture: 'arm64' })).toEqual([])
  expect(actionsOf('kexec_load', { capabilities: ['CAP_SYS_ADMIN'] })).toEqual(['SCMP_ACT_ERRNO'])
  expect(actionsOf('fchmodat2')).toEqual(['SCMP_ACT_ALLOW'])
  const withKernel = (minKernel: string): SeccompProfile => ({
    defaultAction: 'SCMP_ACT_ERRNO',
    rules: [{ names: ['x'], action: 'SCMP_ACT_ALLOW', includes: { minKernel } }],
  })
  expect(resolveSeccomp(withKernel('6.1'), target).syscalls).toHaveLength(1)
  expect(resolveSeccomp(withKernel('6.2'), target).syscalls).toHaveLength(0)
})

test('architectures come with those that run on them', async () => {
  const profile = await defaultProfile()
  expect(resolveSeccomp(profile, target).architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'])
  expect(resolveSeccomp(profile, { ...target, architecture: 'arm64' }).architectures).toEqual(['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'])
  expect(resolveSeccomp(profile, { ...target, architecture: 'riscv64' }).architectures).toBeUndefined()
})

test.skipIf(!existsSync(systemProfile))('allows what the system’s profile allows, and calls newer than that', async () => {
  const names = (profile: SeccompProfile | undefined, action: string, capabilities: readonly string[]): Set<string> =>
    new Set(
      resolveSeccomp(profile as SeccompProfile, { ...target, capabilities })
        .syscalls?.filter((rule) => rule.action === action && rule.args === undefined)
        .flatMap((rule) => rule.names),
    )
  const system = await loadSeccompProfile(systemProfile)
  for (const capabilities of [defaultCapabilities, [], ['CAP_SYS_ADMIN', 'CAP_SYS_PTRACE', 'CAP_AUDIT_WRITE']]) {
    const [ours, theirs] = [names(await defaultProfile(), 'SCMP_ACT_ALLOW', capabilities), names(system, 'SCMP_ACT_ALLOW', capabilities)]
    const missing = [...theirs].filter((name) => !ours.has(name))
    // A later version of that file may allow more; it never takes back.
    if (readFileSync(systemProfile, 'utf8').includes('fchmodat2')) continue
    expect(missing).toEqual([])
    expect(
      [...ours].filter((name) => !theirs.has(name)).every((name) => /futex|xattrat|mseal|fchmodat2|cachestat|map_shadow_stack/.test(name)),
    ).toBe(true)
  }
})

test('a file of one’s own', async () => {
  const path = join(makeTemporary(), 'profile.json')
  const rule = { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', args: [], includes: {}, excludes: {}, comment: '' }
  writeFileSync(path, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64'], syscalls: [rule] }))
  expect(resolveSeccomp((await loadSeccompProfile(path)) as SeccompProfile, target)).toEqual({
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }],
  })
  await expect(loadSeccompProfile('/no/such/profile')).rejects.toMatchObject({
    code: 'ERR_SECCOMP_PROFILE',
    details: { path: '/no/such/profile' },
  })
  writeFileSync(path, '{')
  await expect(loadSeccompProfile(path)).rejects.toMatchObject({ code: 'ERR_SECCOMP_PROFILE' })
})

test.each([
  null,
  [],
  {},
  { defaultAction: 'ALLOW' },
  { defaultAction: 'SCMP_ACT_ALLOW', syscalls: {} },
  { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ action: 'SCMP_ACT_ALLOW' }] },
  { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['a'], name: 'b', action: 'SCMP_ACT_ALLOW' }] },
  { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['a'], action: 'nope' }] },
  { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: [1], action: 'SCMP_ACT_LOG' }] },
  {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['a'], action: 'SCMP_ACT_LOG', args: [{ index: -1, value: 0, op: 'SCMP_CMP_EQ' }] }],
  },
  { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['a'], action: 'SCMP_ACT_LOG', args: [{ index: 0, value: 0, op: 'EQ' }] }] },
  { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['a'], action: 'SCMP_ACT_LOG', includes: { minKernel: 'new' } }] },
  { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['x'], archMap: [] },
])('%j is no profile', (value) => {
  expect(() => parseSeccompProfile(value)).toThrow(expect.objectContaining({ code: 'ERR_SECCOMP_PROFILE' }))
})
