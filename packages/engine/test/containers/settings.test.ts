import type { ContainerOptions } from '@podwright/contracts'
import type { ImageConfig } from '@podwright/oci'
import { describe, expect, test } from 'vitest'
import { resolveSettings } from '../../src/containers/settings.ts'

const config: ImageConfig = {
  os: 'linux',
  architecture: 'amd64',
  rootfs: { type: 'layers', diff_ids: [] },
  config: {
    Entrypoint: ['/entry'],
    Cmd: ['serve', '--all'],
    Env: ['PATH=/bin', 'A=image', 'B=image'],
    User: 'web',
    WorkingDir: '/srv',
    Labels: { from: 'image', both: 'image' },
    StopSignal: 'SIGQUIT',
  },
}

function resolve(options: Partial<ContainerOptions>, image: ImageConfig = config): ReturnType<typeof resolveSettings> {
  return resolveSettings({ image: 'web', ...options }, { id: 'abcdef012345'.padEnd(64, '0'), config: image, hostHostname: 'machine' })
}

describe('what runs', () => {
  test.each<[string, Partial<ContainerOptions>, string[]]>([
    ['the image says', {}, ['/entry', 'serve', '--all']],
    ['a command replaces Cmd', { command: ['ls'] }, ['/entry', 'ls']],
    ['an entrypoint replaces both', { entrypoint: ['/bin/sh', '-c'] }, ['/bin/sh', '-c']],
    ['entrypoint and command', { entrypoint: ['/bin/sh'], command: ['-c', 'ls'] }, ['/bin/sh', '-c', 'ls']],
    ['an empty entrypoint takes it away', { entrypoint: [''], command: ['ls'] }, ['ls']],
  ])('%s', (_case, options, args) => {
    const settings = resolve(options)
    expect(settings.args).toEqual(args)
    expect([...settings.entrypoint, ...settings.command]).toEqual(args)
  })

  test('nothing to run is an error with a next step', () => {
    const bare: ImageConfig = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } }
    expect(() => resolve({}, bare)).toThrow(expect.objectContaining({ code: 'ERR_COMMAND_EMPTY' }))
  })
})

test('variables: the image’s in their order, replaced and followed by the given ones', () => {
  expect(resolve({ environment: { B: 'given', C: 'a=b' } }).environment).toEqual(['PATH=/bin', 'A=image', 'B=given', 'C=a=b'])
})

test('labels: the given ones go before the image’s', () => {
  expect(resolve({ labels: { both: 'given' } }).labels).toEqual({ from: 'image', both: 'given' })
})

test('the image’s user, directory and stop signal hold unless something is given', () => {
  expect(resolve({})).toMatchObject({ user: 'web', workingDirectory: '/srv', stopSignal: 'SIGQUIT', stopTimeoutSeconds: 10 })
  expect(resolve({ user: '0', workingDirectory: '/x/../y', stopSignal: 'SIGINT' })).toMatchObject({
    user: '0',
    workingDirectory: '/y',
    stopSignal: 'SIGINT',
  })
})

test.each([
  ['private', 'abcdef012345'],
  ['none', 'abcdef012345'],
  ['host', 'machine'],
] as const)('the host name on the %s network is %s', (network, hostname) => {
  expect(resolve({ network }).hostname).toBe(hostname)
})

test.each<[string, Partial<ContainerOptions>]>([
  ['a relative working directory', { workingDirectory: 'srv' }],
  ['a mount on the root', { mounts: [{ type: 'tmpfs', target: '/' }] }],
  ['a mount on a relative path', { mounts: [{ type: 'tmpfs', target: 'tmp' }] }],
  [
    'two mounts at one place',
    {
      mounts: [
        { type: 'tmpfs', target: '/a' },
        { type: 'tmpfs', target: '/a/' },
      ],
    },
  ],
  ['a bind mount without a source', { mounts: [{ type: 'bind', target: '/a' }] }],
])('%s is refused', (_case, options) => {
  expect(() => resolve(options)).toThrow(expect.objectContaining({ code: 'ERR_CONTAINER_OPTION_INVALID' }))
})

describe('what goes beyond the defaults', () => {
  test('leaves no trace in a row when there is nothing of it, which is how older rows are', () => {
    expect(Object.keys(JSON.parse(JSON.stringify(resolve({}))))).not.toContain('tuning')
    expect(resolve({ umask: 0, init: undefined, keepGroups: false }).tuning).toEqual({ umask: 0, keepGroups: false })
  })

  test('the image’s variables that are unset are left out, the caller’s stay', () => {
    const given = { environment: { A: 'own' } }
    expect(resolve({ ...given, unsetEnvironment: ['A', 'B'] }).environment).toEqual(['PATH=/bin', 'A=own'])
    expect(resolve({ ...given, unsetEnvironment: 'all' }).environment).toEqual(['A=own'])
  })

  test('with the host’s uts namespace it has the host’s name', () => {
    expect(resolve({ utsNamespace: 'host' }).hostname).toBe('machine')
  })
})
