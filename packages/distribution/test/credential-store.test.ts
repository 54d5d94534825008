import { createCredentialStore, type CredentialStoreOptions, type RunCredentialHelper } from '@podwright/distribution'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'auth-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const auth = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString('base64') })

function write(path: string, content: unknown): string {
  const file = join(home, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

function find(
  registry: string,
  repository?: string,
  options: CredentialStoreOptions = {},
  runHelper?: RunCredentialHelper,
): Promise<unknown> {
  const environment = { XDG_RUNTIME_DIR: join(home, 'run'), ...options.environment }
  return createCredentialStore({ runHelper }, { homeDirectory: home, ...options, environment }).find(registry, repository)
}

const basic = (username: string, password: string): unknown => ({ type: 'basic', username, password })

describe('files', () => {
  test('none are no error', async () => expect(await find('quay.io')).toBeUndefined())

  test('are looked into in order, by repository', async () => {
    write('run/containers/auth.json', { auths: { 'quay.io': auth('run:1') } })
    write('.config/containers/auth.json', { auths: { 'quay.io': auth('config:2'), 'ghcr.io': auth('config:3') } })
    write('.docker/config.json', { auths: { 'ghcr.io': auth('docker:4'), 'https://index.docker.io/v1/': auth('docker:5') } })
    expect(await find('quay.io')).toEqual(basic('run', '1'))
    expect(await find('ghcr.io')).toEqual(basic('config', '3'))
    expect(await find('docker.io', 'library/debian')).toEqual(basic('docker', '5'))
    expect(await find('example.com')).toBeUndefined()
  })

  test('of the environment stand alone', async () => {
    write('run/containers/auth.json', { auths: { 'quay.io': auth('run:1') } })
    const file = write('mine.json', { auths: { 'ghcr.io': auth('mine:2') } })
    expect(await find('ghcr.io', undefined, { environment: { REGISTRY_AUTH_FILE: file } })).toEqual(basic('mine', '2'))
    expect(await find('quay.io', undefined, { environment: { REGISTRY_AUTH_FILE: file } })).toBeUndefined()
    expect(await find('ghcr.io', undefined, { authFile: file })).toEqual(basic('mine', '2'))
    await expect(find('ghcr.io', undefined, { authFile: join(home, 'no') })).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_INVALID' })
  })

  test('with DOCKER_CONFIG', async () => {
    write('elsewhere/config.json', { auths: { 'quay.io': auth('there:1') } })
    expect(await find('quay.io', undefined, { environment: { DOCKER_CONFIG: join(home, 'elsewhere') } })).toEqual(basic('there', '1'))
  })
})

test('the longest key that the repository begins with wins', async () => {
  write('.config/containers/auth.json', {
    auths: {
      'quay.io': auth('all:1'),
      'quay.io/team': auth('team:2'),
      'quay.io/team/app': auth('app:3'),
      'https://host:5000/v2/': auth('h:4'),
    },
  })
  expect(await find('quay.io', 'team/app')).toEqual(basic('app', '3'))
  expect(await find('quay.io', 'team/app/sub')).toEqual(basic('app', '3'))
  expect(await find('quay.io', 'team/other')).toEqual(basic('team', '2'))
  expect(await find('quay.io', 'teams/x')).toEqual(basic('all', '1'))
  expect(await find('quay.io')).toEqual(basic('all', '1'))
  expect(await find('host:5000', 'x')).toEqual(basic('h', '4'))
  expect(await find('host', 'x')).toBeUndefined()
})

test.each([
  [auth('user:with:colons'), basic('user', 'with:colons')],
  [auth('user:pass\0\0'), basic('user', 'pass')],
  [{ username: 'u', password: 'p' }, basic('u', 'p')],
  [
    { ...auth('u:'), identitytoken: 'it' },
    { type: 'identity', username: 'u', identityToken: 'it' },
  ],
  [{ identitytoken: 'it' }, { type: 'identity', username: undefined, identityToken: 'it' }],
  [{ registrytoken: 'rt' }, { type: 'bearer', registryToken: 'rt' }],
  [{}, undefined],
  [null, undefined],
])('entry %j', async (entry, expected) => {
  write('.docker/config.json', { auths: { 'quay.io': entry } })
  expect(await find('quay.io')).toEqual(expected)
})

test.each(['{"auths": {"quay.io": {"auth": "c2VjcmV0OnNlY3JldA==', '[]', '"x"', '{"auths":{"quay.io":{"auth":"bm9jb2xvbnNlY3JldA=="}}}'])(
  'a file that can not be read says so, without its content: %s',
  async (content) => {
    write('.docker/config.json', content)
    const error = await find('quay.io').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_CREDENTIALS_INVALID', message: expect.stringContaining('config.json') })
    expect(inspect(error, { depth: 9 })).not.toMatch(/c2Vjc|bm9jb|secret/)
  },
)

describe('helpers', () => {
  test('of a registry come before entries, that of all others after', async () => {
    const asked: string[] = []
    const runHelper: RunCredentialHelper = async (name, action, input) => {
      asked.push(`${name} ${action} ${input}`)
      return JSON.stringify({ ServerURL: input, Username: name, Secret: 's' })
    }
    write('.docker/config.json', {
      credsStore: 'store',
      credHelpers: { 'gcr.io': 'gcr' },
      auths: { 'gcr.io': auth('x:y'), 'quay.io': auth('q:1'), 'ghcr.io': {} },
    })
    expect(await find('gcr.io', 'a', {}, runHelper)).toEqual(basic('gcr', 's'))
    expect(await find('quay.io', 'a', {}, runHelper)).toEqual(basic('q', '1'))
    expect(await find('ghcr.io', 'a', {}, runHelper)).toEqual(basic('store', 's'))
    expect(await find('docker.io', 'a', {}, runHelper)).toEqual(basic('store', 's'))
    expect(asked).toEqual(['gcr get gcr.io', 'store get ghcr.io', 'store get https://index.docker.io/v1/'])
  })

  test('are asked once', async () => {
    let asked = 0
    const runHelper: RunCredentialHelper = async () => `{"Username":"<token>","Secret":"t${++asked}"}`
    write('.docker/config.json', { credsStore: 'store' })
    const store = createCredentialStore({ runHelper }, { homeDirectory: home, environment: {} })
    const all = await Promise.all([store.find('a.io'), store.find('a.io', 'x'), store.find('a.io', 'y')])
    const only = { type: 'identity', identityToken: 't1' }
    expect(all).toEqual([only, only, only])
  })

  test('that have nothing are no error, others are', async () => {
    write('.docker/config.json', { credsStore: 'store', credHelpers: { 'bad.io': '../../bin/sh' } })
    const saying =
      (text: string): RunCredentialHelper =>
      () =>
        Promise.reject(new Error(text))
    expect(await find('a.io', 'x', {}, saying('credentials not found in native keychain'))).toBeUndefined()
    await expect(find('a.io', 'x', {}, saying('locked'))).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL_HELPER',
      message: expect.stringContaining('locked'),
    })
    await expect(find('bad.io', 'x')).rejects.toMatchObject({ code: 'ERR_CREDENTIAL_HELPER' })
    const garbage: RunCredentialHelper = async () => 'secret garbage'
    const error = await find('a.io', 'x', {}, garbage).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_CREDENTIAL_HELPER' })
    expect(inspect(error, { depth: 9 })).not.toContain('secret')
  })

  test('are real programs', async () => {
    const program = write(
      'bin/docker-credential-test',
      `#!/bin/sh\nread server\necho "{\\"Username\\":\\"$1\\",\\"Secret\\":\\"$server\\"}"\n`,
    )
    chmodSync(program, 0o755)
    write('.docker/config.json', { credHelpers: { 'a.io': 'test', 'b.io': 'not-there' } })
    const path = process.env['PATH']
    process.env['PATH'] = `${dirname(program)}:${path}`
    try {
      expect(await find('a.io')).toEqual(basic('get', 'a.io'))
      await expect(find('b.io')).rejects.toMatchObject({
        code: 'ERR_CREDENTIAL_HELPER',
        message: expect.stringContaining('docker-credential-not-there'),
      })
    } finally {
      process.env['PATH'] = path
    }
  })
})
