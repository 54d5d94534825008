import { findTool } from '@podwright/linux'
import { expect, test } from 'vitest'
import { createRuntime, findRuntime } from '../../src/index.ts'

const hasBoth = findTool('crun') !== undefined && findTool('runc') !== undefined

test.skipIf(!hasBoth)('crun first, runc where crun does not work', () => {
  expect(findRuntime({ rootless: false, cgroupMode: 'v1' })).toMatchObject({ name: 'crun', cgroups: 'enabled', passedOver: [] })
  expect(findRuntime({ rootless: false, cgroupMode: 'v2' })).toMatchObject({ name: 'crun', cgroups: 'enabled' })
  expect(findRuntime({ rootless: false, cgroupMode: 'hybrid' })).toMatchObject({
    name: 'runc',
    cgroups: 'enabled',
    passedOver: [{ name: 'crun', reason: expect.stringContaining('hybrid') }],
  })
  expect(findRuntime({ rootless: true, cgroupMode: 'hybrid' })).toMatchObject({ name: 'runc', cgroups: 'disabled' })
  expect(findRuntime({ rootless: true, cgroupMode: 'v2' })).toMatchObject({ name: 'crun', cgroups: 'disabled' })
  expect(findRuntime({ rootless: false, cgroupMode: 'none' })).toMatchObject({ name: 'crun', cgroups: 'disabled' })
})

test('one that was asked for', () => {
  expect(findRuntime({ rootless: false, runtime: '/bin/sh' })).toMatchObject({ name: 'sh', path: '/bin/sh' })
  expect(() => findRuntime({ rootless: false, runtime: '/no/such' })).toThrow(expect.objectContaining({ code: 'ERR_RUNTIME_NOT_FOUND' }))
  expect(() => findRuntime({ rootless: false, runtime: 'nope' })).toThrow(expect.objectContaining({ code: 'ERR_RUNTIME_UNKNOWN' }))
})

test.each([
  ['crun', true, 'disabled', undefined, ['--root', '/r', '--cgroup-manager', 'disabled']],
  ['crun', false, 'enabled', undefined, ['--root', '/r', '--cgroup-manager', 'cgroupfs']],
  ['crun', false, 'enabled', 'systemd', ['--root', '/r', '--cgroup-manager', 'systemd']],
  ['runc', true, 'disabled', undefined, ['--root', '/r', '--rootless', 'true']],
  ['runc', false, 'enabled', 'systemd', ['--root', '/r', '--systemd-cgroup']],
  ['youki', false, 'enabled', undefined, ['--root', '/r']],
] as const)('%s, rootless %s, cgroups %s, %s', (name, rootless, cgroups, cgroupManager, words) => {
  expect(createRuntime({ name, path: `/usr/bin/${name}`, root: '/r', rootless, cgroups, cgroupManager }).globalArguments).toEqual(words)
})

test('a runtime that fails says so with a code', async () => {
  const runtime = createRuntime({ name: 'crun', path: '/bin/false', root: '/r', rootless: false, cgroups: 'enabled' })
  await expect(runtime.start('x')).rejects.toMatchObject({ code: 'ERR_RUNTIME_FAILED' })
})

test('a state that is none', async () => {
  const runtime = createRuntime({ name: 'crun', path: '/bin/echo', root: '/r', rootless: false, cgroups: 'enabled' })
  await expect(runtime.state('x')).rejects.toMatchObject({ code: 'ERR_RUNTIME_FAILED' })
})
