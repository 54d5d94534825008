import type { LoggedIn, LoginOptions, Registries } from '@podwright/contracts'
import { EngineError } from '@podwright/engine'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { podwright } from '../fixtures/program.ts'

interface Scripted {
  readonly registries: Partial<Registries>
  readonly logins: unknown[]
  readonly logouts: unknown[]
}

function scripted(current?: string, checked = true): Scripted {
  const logins: unknown[] = []
  const logouts: unknown[] = []
  return {
    logins,
    logouts,
    registries: {
      login: async (registry: string, { signal: _signal, ...options }: LoginOptions): Promise<LoggedIn> => {
        if (options.password === 'wrong') throw new EngineError('ERR_IMAGE_NOT_FOUND', 'the registry refused it')
        logins.push([registry, Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))])
        return { key: registry, checked, kept: { in: 'file', path: '/run/user/1/containers/auth.json' } }
      },
      logout: async (registry, { authFile } = {}) => {
        logouts.push([registry, authFile])
        return current === undefined ? [] : [{ in: 'file', path: '/x' }]
      },
      loggedInAs: async () => current,
    },
  }
}

describe('login', () => {
  test.each([
    ['login --secret alice example.org', { username: 'alice', password: 'open sesame' }],
    [
      'login --secret alice -u bob --cert-dir x example.org',
      { username: 'bob', password: 'open sesame', certificateDirectory: resolve('x') },
    ],
  ])('%s', async (line, login) => {
    const { logins, registries } = scripted()
    const secrets = { reveal: async (name: string) => Buffer.from(name === 'alice' ? 'open sesame\n' : '') }
    expect(await podwright(line, { registries, secrets })).toMatchObject({ code: 0, stdout: 'Login Succeeded!\n', stderr: '' })
    expect(logins).toEqual([['example.org', login]])
    expect(await podwright(`${line} -p x`, { registries, secrets })).toMatchObject({ code: 125, stdout: '' })
    expect(logins).toHaveLength(1)
  })

  test('with --password-stdin', async () => {
    const { logins, registries } = scripted()
    const ran = await podwright('login -u alice --password-stdin example.org', { registries, stdin: 'open sesame\n' })
    expect(ran).toMatchObject({ code: 0, stdout: 'Login Succeeded!\n', stderr: '' })
    expect(logins).toEqual([['example.org', { username: 'alice', password: 'open sesame' }]])
  })

  test('asks on a terminal, and shows nothing of the password', async () => {
    const { logins, registries } = scripted()
    const ran = await podwright('login https://example.org/', { registries, terminal: true, stdin: 'alice\nsecre\u007fet\r' })
    expect(ran).toMatchObject({ code: 0, stdout: 'Login Succeeded!\n', stderr: 'Username: Password: \r\n' })
    expect(logins).toEqual([['example.org', { username: 'alice', password: 'secret' }]])
  })

  test('offers the name that one is logged in by', async () => {
    const { logins, registries } = scripted('bob')
    const ran = await podwright('login', { registries, terminal: true, stdin: '\nsecret\n' })
    expect(ran.stderr).toBe('Username (bob): Password: \r\n')
    expect(logins).toEqual([['docker.io', { username: 'bob', password: 'secret' }]])
  })

  test('Ctrl-C at the password', async () => {
    const { logins, registries } = scripted()
    expect(await podwright('login -u a x.org', { registries, terminal: true, stdin: 'sec\u0003' })).toMatchObject({ code: 130 })
    expect(logins).toEqual([])
  })

  test('a password on the command line is warned of', async () => {
    const { logins, registries } = scripted()
    const { code, stderr } = await podwright('login -u a -p b --authfile f --tls-verify=false x.org', { registries })
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('Warning: ') })
    expect(logins).toEqual([['x.org', { username: 'a', password: 'b', authFile: resolve('f'), tlsVerify: false }]])
  })

  test('a registry that lets anybody in proves nothing', async () => {
    const { registries } = scripted(undefined, false)
    const { stdout, stderr } = await podwright('login -v -u a --password-stdin x.org', { registries, stdin: 'b' })
    expect(stdout).toBe('Kept in /run/user/1/containers/auth.json\nLogin Succeeded!\n')
    expect(stderr).toContain('x.org lets anybody in')
  })

  test.each([
    ['login x.org', {}],
    ['login -u a x.org', {}],
    ['login --password-stdin x.org', {}],
    ['login -u a -p b --password-stdin x.org', {}],
    ['login x.org', { terminal: true, stdin: '\n' }],
    ['login -u a --password-stdin x.org', { stdin: 'wrong' }],
  ])('%s: refused', async (line, options) => {
    const { logins, registries } = scripted()
    expect(await podwright(line, { registries, ...options })).toMatchObject({ code: 125, stdout: '' })
    expect(logins).toEqual([])
  })

  test('--get-login', async () => {
    expect(await podwright('login --get-login x.org', scripted('bob'))).toMatchObject({ code: 0, stdout: 'bob\n' })
    expect(await podwright('login --get-login x.org', scripted())).toMatchObject({
      code: 125,
      stderr: 'Error: not logged in at x.org\npodwright login x.org\n',
    })
  })
})

describe('logout', () => {
  test.each([
    ['logout x.org', 'bob', 0, 'Removed login credentials for x.org\n', ['x.org', undefined]],
    ['logout', 'bob', 0, 'Removed login credentials for docker.io\n', ['docker.io', undefined]],
    ['logout --all --authfile f', undefined, 0, 'Removed login credentials for all registries\n', [undefined, resolve('f')]],
    ['logout x.org', undefined, 125, '', ['x.org', undefined]],
  ])('%s', async (line, current, code, stdout, call) => {
    const { logouts, registries } = scripted(current)
    expect(await podwright(line, { registries })).toMatchObject({ code, stdout })
    expect(logouts).toEqual([call])
  })

  test('--all and a name contradict each other', async () => {
    expect(await podwright('logout --all x.org', scripted('bob'))).toMatchObject({ code: 125 })
  })
})
