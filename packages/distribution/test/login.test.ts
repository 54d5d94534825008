import { createCredentialStore, type CredentialStoreOptions, type Credentials, listLogins, login, logout } from '@podwright/distribution'
import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect, promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type DockerRegistry, dockerRegistryMissing, startDockerRegistry } from './fixtures/docker-registry.ts'
import { refuse, type ScriptedRegistry, send, startScriptedRegistry } from './fixtures/scripted-registry.ts'
import { skopeoMissing } from './fixtures/skopeo.ts'

const right: Credentials = { type: 'basic', username: 'user', password: 'secret' }
const client = { tlsVerify: false, retries: 0, environment: {} }

let home: string
let options: CredentialStoreOptions
let registry: ScriptedRegistry

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'login-'))
  mkdirSync(join(home, 'run'))
  options = { homeDirectory: home, environment: { XDG_RUNTIME_DIR: join(home, 'run') } }
  registry = await startScriptedRegistry()
  registry.intercept(
    'GET',
    /./,
    (request, response, serve) => {
      if (request.headers.authorization === `Basic ${Buffer.from('user:secret').toString('base64')}`) return serve()
      refuse(response, 401, 'UNAUTHORIZED', { 'www-authenticate': 'Basic realm="x"' })
    },
    999,
  )
})
afterEach(async () => {
  await registry[Symbol.asyncDispose]()
  rmSync(home, { recursive: true })
})

const authFile = (): string => join(home, 'run/containers/auth.json')
const read = (file: string = authFile()): unknown => JSON.parse(readFileSync(file, 'utf8'))
const auth = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString('base64') })

function write(path: string, content: unknown): string {
  const file = join(home, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

describe('logging in', () => {
  test('keeps what the registry took, for its owner alone', async () => {
    const result = await login({}, registry.host, right, { ...options, client })
    expect(result).toEqual({ key: registry.host, checked: true, kept: { in: 'file', path: authFile() } })
    expect(read()).toEqual({ auths: { [registry.host]: auth('user:secret') } })
    expect(statSync(authFile()).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(authFile())).mode & 0o777).toBe(0o700)
    expect(await createCredentialStore({}, options).find(registry.host)).toEqual(right)
  })

  test('keeps nothing that the registry refused, and says nothing of it', async () => {
    const wrong: Credentials = { type: 'basic', username: 'user', password: 'hunter2' }
    const error = await login({}, registry.host, wrong, { ...options, client }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED', message: expect.stringContaining('password') })
    expect(inspect(error, { depth: 9 })).not.toMatch(/hunter2|aHVudGVyM|dXNlcj/)
    expect(existsSync(authFile())).toBe(false)
  })

  test('of a namespace stands beside that of the registry, and goes by itself', async () => {
    await login({}, registry.host, right, { ...options, client })
    await login({}, `${registry.host}/team`, right, { ...options, client })
    expect(Object.keys((read() as { auths: object }).auths)).toEqual([registry.host, `${registry.host}/team`])
    expect(await logout({}, `${registry.host}/team`, options)).toEqual([{ in: 'file', path: authFile() }])
    expect(await createCredentialStore({}, options).find(registry.host, 'team/app')).toEqual(right)
  })

  test('leaves what else is in the file, and replaces other names of the registry', async () => {
    const file = write('mine/config.json', {
      HttpHeaders: { 'User-Agent': 'x' },
      credHelpers: { 'gcr.io': 'gcr' },
      auths: { 'quay.io': auth('a:b'), [`https://${registry.host}/v2/`]: auth('old:old'), ['__proto__x']: {} },
      psFormat: 'table',
    })
    await login({}, registry.host, right, { ...options, authFile: file, client })
    expect(read(file)).toEqual({
      HttpHeaders: { 'User-Agent': 'x' },
      credHelpers: { 'gcr.io': 'gcr' },
      auths: { 'quay.io': auth('a:b'), ['__proto__x']: {}, [registry.host]: auth('user:secret') },
      psFormat: 'table',
    })
  })

  test('leaves a file alone that can not be read', async () => {
    const file = write('broken.json', '{"auths": {"quay.io": {"auth": "c2Vjc')
    const error = await login({}, registry.host, right, { ...options, authFile: file, client }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_CREDENTIALS_INVALID', message: expect.stringContaining('broken.json') })
    expect(inspect(error, { depth: 9 })).not.toContain('c2Vjc')
    expect(readFileSync(file, 'utf8')).toBe('{"auths": {"quay.io": {"auth": "c2Vjc')
  })

  test('writes through a link, and over leftovers', async () => {
    const target = write('dotfiles/auth.json', { keep: 1 })
    mkdirSync(dirname(authFile()))
    symlinkSync(target, authFile())
    write('dotfiles/.auth.json.new', 'half a fi')
    await login({}, registry.host, right, { ...options, client })
    expect(lstatSync(authFile()).isSymbolicLink()).toBe(true)
    expect(read(target)).toEqual({ keep: 1, auths: { [registry.host]: auth('user:secret') } })
  })

  test('goes to the file that stays where there is no runtime directory', async () => {
    const elsewhere = { ...options, environment: { XDG_RUNTIME_DIR: join(home, 'no-such') } }
    const { kept } = await login({}, registry.host, right, { ...elsewhere, client })
    expect(kept).toEqual({ in: 'file', path: join(home, '.config/containers/auth.json') })
    expect(existsSync(join(home, 'no-such'))).toBe(false)
    expect(await createCredentialStore({}, elsewhere).find(registry.host)).toEqual(right)
  })

  test('says where it can not write', async () => {
    const file = join(write('a-file', ''), 'auth.json')
    await expect(login({}, registry.host, right, { ...options, authFile: file, client })).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS_NOT_WRITTEN',
      message: expect.stringContaining(file),
    })
  })

  test('at a registry that lets anybody in is kept unchecked', async () => {
    await using open = await startScriptedRegistry()
    expect(await login({}, open.host, right, { ...options, client })).toMatchObject({ checked: false })
  })

  test('follows what registries.conf says of the registry', async () => {
    const rule = { prefix: registry.host, location: registry.host, insecure: true, blocked: false, mirrorByDigestOnly: false, mirrors: [] }
    const config = { unqualifiedSearchRegistries: [], shortNameMode: 'permissive' as const, aliases: {}, registries: [rule], files: [] }
    await login({}, registry.host, right, { ...options, config, client: { retries: 0, environment: {} } })
    const blocked = { ...config, registries: [{ ...rule, blocked: true }] }
    await expect(login({}, registry.host, right, { ...options, config: blocked })).rejects.toMatchObject({ code: 'ERR_REGISTRY_BLOCKED' })
  })

  test.each([
    ['', right],
    ['exa mple', right],
    ['quay.io/Team', right],
    ['quay.io/team:tag', right],
    ['quay.io//x', right],
    ['user@quay.io', right],
  ])('refuses the name %j', async (name, credentials) => {
    await expect(login({}, name, credentials, options)).rejects.toMatchObject({ code: 'ERR_REGISTRY_NAME_INVALID' })
  })

  test.each<Credentials>([
    { type: 'basic', username: 'user', password: '' },
    { type: 'basic', username: 'us:er', password: 'x' },
    { type: 'identity', identityToken: '' },
  ])('refuses %j', async (credentials) => {
    await expect(login({}, registry.host, credentials, { ...options, client })).rejects.toMatchObject({ code: 'ERR_CREDENTIALS_INVALID' })
    expect(registry.requests).toHaveLength(0)
  })

  test('with an identity token', async () => {
    await using tokens = await startScriptedRegistry()
    tokens.intercept('POST', /token/, (_, response) => send(response, 200, {}, '{"access_token":"x"}'))
    await using wanting = await startScriptedRegistry()
    wanting.intercept(
      'GET',
      /./,
      (request, response, serve) => {
        if (request.headers.authorization === 'Bearer x') return serve()
        refuse(response, 401, 'X', { 'www-authenticate': `Bearer realm="http://${tokens.host}/token",service="s"` })
      },
      9,
    )
    const credentials: Credentials = { type: 'identity', username: 'me', identityToken: 'refresh' }
    await login({}, wanting.host, credentials, { ...options, client })
    expect(read()).toEqual({ auths: { [wanting.host]: { ...auth('me:'), identitytoken: 'refresh' } } })
    expect(await createCredentialStore({}, options).find(wanting.host)).toEqual(credentials)
  })
})

test('logins at once, from several processes, lose nothing', { timeout: 60_000 }, async () => {
  const file = write('shared.json', { keep: true })
  const script = fileURLToPath(new URL('fixtures/many-logins.ts', import.meta.url))
  const run = (name: string): Promise<unknown> =>
    promisify(execFile)(process.execPath, ['-C', '@podwright/source', '--no-warnings', script, file, registry.host, name, '20'])
  await Promise.all(['a', 'b', 'c'].map(run))
  const { auths, keep } = read(file) as { auths: object; keep: boolean }
  expect(Object.keys(auths)).toHaveLength(60)
  expect(keep).toBe(true)
})

describe('logging out', () => {
  test('forgets everywhere, and only that', async () => {
    write('run/containers/auth.json', { auths: { 'quay.io': auth('a:b'), 'ghcr.io': auth('c:d') }, x: 1 })
    write('.docker/config.json', { auths: { 'https://quay.io/v1/': auth('e:f') } })
    const removed = await logout({}, 'quay.io', options)
    expect(removed.map((one) => one.in === 'file' && one.path)).toEqual([authFile(), join(home, '.docker/config.json')])
    expect(read()).toEqual({ auths: { 'ghcr.io': auth('c:d') }, x: 1 })
    expect(await createCredentialStore({}, options).find('quay.io')).toBeUndefined()
    expect(await logout({}, 'quay.io', options)).toEqual([])
  })

  test('of all forgets all', async () => {
    write('run/containers/auth.json', { auths: { 'quay.io': auth('a:b'), 'ghcr.io/x': auth('c:d') }, x: 1 })
    await logout({}, undefined, options)
    expect(read()).toEqual({ auths: {}, x: 1 })
  })

  test('of nowhere leaves no file behind', async () => {
    expect(await logout({}, 'quay.io', { ...options, authFile: join(home, 'none.json') })).toEqual([])
    expect(existsSync(join(home, '.none.json.lock'))).toBe(false)
  })
})

describe('a credential helper', () => {
  /** Keeps what it gets in files, as docker-credential-pass does. */
  const program = `#!/bin/sh
cd "$(dirname "$0")/kept" || exit 1
case $1 in
store) cat > new; mv new "$(sed 's/.*"ServerURL":"\\([^"]*\\)".*/\\1/' new | tr '/:' '__')" ;;
get) f=$(tr '/:' '__'); [ -f "$f" ] && cat "$f" || { echo "credentials not found in native keychain"; exit 1; } ;;
erase) rm "$(tr '/:' '__')" ;;
list) printf '{'; s=; for f in *; do [ -f "$f" ] || continue; printf '%s' "$s"; sed 's/.*"ServerURL":\\("[^"]*"\\),"Username":\\("[^"]*"\\).*/\\1:\\2/' "$f"; s=,; done; printf '}' ;;
esac
`
  const path = process.env['PATH']
  beforeEach(() => {
    chmodSync(write('bin/docker-credential-kept', program), 0o755)
    mkdirSync(join(home, 'bin/kept'))
    process.env['PATH'] = `${join(home, 'bin')}:${path}`
  })
  afterEach(() => {
    process.env['PATH'] = path
  })

  test('keeps a login instead of the file, in which nothing stays', async () => {
    write('run/containers/auth.json', { auths: { [registry.host]: auth('old:old') } })
    write('.docker/config.json', { credsStore: 'kept' })
    const { kept } = await login({}, registry.host, right, { ...options, client })
    expect(kept).toEqual({ in: 'helper', name: 'kept' })
    expect(read()).toEqual({ auths: {} })
    expect(await createCredentialStore({}, options).find(registry.host, 'a/b')).toEqual(right)
    expect(await listLogins({}, options)).toEqual([{ key: registry.host, username: 'user', kept: { in: 'helper', name: 'kept' } }])
    expect(await logout({}, registry.host, options)).toEqual([{ in: 'helper', name: 'kept' }])
    expect(await createCredentialStore({}, options).find(registry.host)).toBeUndefined()
    expect(await logout({}, registry.host, options)).toEqual([])
  })

  test('of registries.conf comes first', async () => {
    const named = { ...options, credentialHelpers: ['kept', 'containers-auth.json'] }
    await login({}, registry.host, right, { ...named, client })
    expect(existsSync(authFile())).toBe(false)
    expect(await createCredentialStore({}, named).find(registry.host)).toEqual(right)
    await logout({}, undefined, named)
    expect(await createCredentialStore({}, named).find(registry.host)).toBeUndefined()
  })

  test('keeps no namespaces, and says so before the registry is asked', async () => {
    write('.docker/config.json', { credHelpers: { [registry.host]: 'kept' } })
    await expect(login({}, `${registry.host}/team`, right, { ...options, client })).rejects.toMatchObject({ code: 'ERR_CREDENTIAL_HELPER' })
    expect(registry.requests).toHaveLength(0)
  })

  test('that fails is quoted without the secret', async () => {
    write('.docker/config.json', { credsStore: 'kept' })
    const runHelper = (): Promise<string> => Promise.reject(new Error('cannot keep "secret": locked'))
    const error = await login({ runHelper }, registry.host, right, { ...options, client }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_CREDENTIAL_HELPER', message: expect.stringContaining('locked') })
    expect(inspect(error, { depth: 9 })).not.toContain('secret')
  })
})

test('listing tells no secret', async () => {
  write('run/containers/auth.json', { auths: { 'quay.io': auth('me:s3cret'), 'ghcr.io': { identitytoken: 't0ken' } } })
  const logins = await listLogins({}, options)
  expect(logins.map(({ key, username }) => [key, username])).toEqual([
    ['quay.io', 'me'],
    ['ghcr.io', undefined],
  ])
  expect(inspect(logins, { depth: 9 })).not.toMatch(/s3cret|t0ken/)
})

describe.skipIf(dockerRegistryMissing || skopeoMissing)('a real registry', () => {
  let real: DockerRegistry
  beforeAll(async () => {
    real = await startDockerRegistry({ basicAuth: true })
  })
  afterAll(() => real[Symbol.asyncDispose]())

  const skopeo = (...words: string[]): Promise<unknown> => promisify(execFile)('skopeo', [...words, '--authfile', authFile()])

  test('lets skopeo in by our login, and us by theirs', async () => {
    await expect(login({}, real.host, { ...right, password: 'wrong' }, { ...options, client })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNAUTHORIZED',
    })
    await login({}, real.host, right, { ...options, client })
    await expect(skopeo('login', '--get-login', real.host)).resolves.toMatchObject({ stdout: 'user\n' })
    await skopeo('logout', real.host)
    expect(await createCredentialStore({}, options).find(real.host)).toBeUndefined()
    await skopeo('login', '--tls-verify=false', '-u', 'user', '-p', 'secret', `${real.host}/team`)
    expect(await createCredentialStore({}, options).find(real.host, 'team/app')).toEqual(right)
    expect(await createCredentialStore({}, options).find(real.host, 'other')).toBeUndefined()
    expect(await logout({}, `${real.host}/team`, options)).toHaveLength(1)
    await expect(skopeo('login', '--get-login', `${real.host}/team`)).rejects.toBeDefined()
  })
})
