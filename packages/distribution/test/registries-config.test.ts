import {
  type Endpoint,
  endpointsOf,
  loadRegistriesConfig,
  type RegistriesConfig,
  registriesConfigPaths,
  resolveShortName,
} from '@podwright/distribution'
import { formatReference, parseReference } from '@podwright/oci'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'registries-'))
  mkdirSync(join(directory, 'conf.d'))
})
afterEach(() => rmSync(directory, { recursive: true }))

async function load(files: Readonly<Record<string, string>>): Promise<RegistriesConfig> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return loadRegistriesConfig({
    files: [join(directory, 'user.conf'), join(directory, 'system.conf')],
    directories: [join(directory, 'conf.d'), join(directory, 'none.d')],
    aliasFiles: [join(directory, 'aliases.conf')],
  })
}

describe('loading', () => {
  test('nothing there is nothing configured', async () => {
    expect(await load({})).toMatchObject({ unqualifiedSearchRegistries: [], registries: [], files: [] })
  })

  test('the first file wins, directories go on top, aliases come last', async () => {
    const config = await load({
      'user.conf': `unqualified-search-registries = ["one.io"]\nshort-name-mode = "enforcing"\n[aliases]\n"a" = "one.io/a"\n"b" = "one.io/b"\n"gone" = "one.io/gone"`,
      'system.conf': `unqualified-search-registries = ["system.io"]`,
      'conf.d/20.conf': `[aliases]\n"b" = "two.io/b"\n"gone" = ""\n[[registry]]\nprefix = "x.io"\nlocation = "second.io"`,
      'conf.d/10.conf': `unqualified-search-registries = ["two.io"]\n[[registry]]\nprefix = "x.io"\nlocation = "first.io"`,
      'conf.d/readme': `not toml`,
      'aliases.conf': `unqualified-search-registries = ["three.io"]\n[aliases]\n"a" = "three.io/a"`,
    })
    expect(config.unqualifiedSearchRegistries).toEqual(['two.io'])
    expect(config.shortNameMode).toBe('enforcing')
    expect(config.aliases).toEqual({ a: 'three.io/a', b: 'two.io/b' })
    expect(config.registries.map(({ location }) => location)).toEqual(['second.io'])
    expect(config.files.map((file) => file.slice(directory.length + 1))).toEqual([
      'user.conf',
      'conf.d/10.conf',
      'conf.d/20.conf',
      'aliases.conf',
    ])
  })

  test('a file of comments only says nothing', async () => {
    expect(await load({ 'system.conf': '# unqualified-search-registries = ["x"]\n\n   # [[registry]]\n' })).toMatchObject({
      registries: [],
    })
  })

  test.each([
    ['unqualified-search-registries = "x"', /list of strings/],
    ['[[registry]]\nblocked = true', /neither prefix nor location/],
    ['[[registry]]\nprefix = "x"\ninsecure = "yes"', /insecure is not true or false/],
    ['[[registry]]\nprefix = "x"\n[[registry.mirror]]\ninsecure = true', /no location/],
    ['[[registry]]\nprefix = "x"\n[[registry.mirror]]\nlocation = "y"\npull-from-mirror = "maybe"', /maybe/],
    ['short-name-mode = "x"', /short-name-mode/],
    ['[registries.search]\nregistries = ["x"]', /version 1/],
    ['[aliases]\na = 1', /alias a/],
    ['[[registry]]\nprefix = "https://x.io"', /scheme/],
    ['[[registry]]\nprefix = "x.io"\nlocation = "http://y.io"', /scheme/],
    ['[[registry]]\nprefix = "*.x.io"\nlocation = "*.y.io"', /does not begin with a host/],
    ['[[registry]]\nprefix = "x.io/a:tag"', /tag or digest/],
    [
      '[[registry]]\nprefix = "x.io"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "y.io"\npull-from-mirror = "all"',
      /contradict/,
    ],
    ['credential-helpers = "x"', /credential-helpers/],
    ['= nonsense', /cannot read .*user\.conf/],
  ])('%j is refused', async (text, message) => {
    await expect(load({ 'user.conf': text })).rejects.toMatchObject({
      code: 'ERR_REGISTRIES_CONFIG_INVALID',
      message: expect.stringMatching(message),
    })
  })

  test("who has a file of their own is not told what to do by the system's directory", async () => {
    writeFileSync(join(directory, 'conf.d/a.conf'), 'unqualified-search-registries = ["system.io"]\ncredential-helpers = ["one"]')
    const loadWith = (own: boolean): Promise<RegistriesConfig> => {
      if (own) writeFileSync(join(directory, 'user.conf'), 'short-name-mode = "disabled"')
      const files = [join(directory, 'user.conf'), join(directory, 'system.conf')]
      return loadRegistriesConfig({ files, systemDirectories: [join(directory, 'conf.d')], directories: [], aliasFiles: [] })
    }
    expect(await loadWith(false)).toMatchObject({ unqualifiedSearchRegistries: ['system.io'], credentialHelpers: ['one'] })
    expect(await loadWith(true)).toMatchObject({ unqualifiedSearchRegistries: [], shortNameMode: 'disabled' })
  })

  test('the usual places', () => {
    expect(registriesConfigPaths({ environment: { HOME: '/home/u' } }).files[0]).toBe('/home/u/.config/containers/registries.conf')
    expect(registriesConfigPaths({ environment: { HOME: '/h', CONTAINERS_REGISTRIES_CONF: '/x' } }).files).toEqual(['/x'])
  })
})

describe('short names', () => {
  const resolve = (typed: string, config: Partial<RegistriesConfig> = {}): string[] =>
    resolveShortName(typed, {
      unqualifiedSearchRegistries: [],
      shortNameMode: 'permissive',
      aliases: {},
      registries: [],
      files: [],
      ...config,
    }).map(formatReference)
  const aliases = { debian: 'quay.io/os/debian', 'team/app': 'ghcr.io/team/app' }

  test.each([
    ['debian', {}, ['docker.io/library/debian:latest']],
    ['debian:12', { aliases }, ['quay.io/os/debian:12']],
    ['team/app', { aliases }, ['ghcr.io/team/app:latest']],
    ['other', { aliases, unqualifiedSearchRegistries: ['a.io', 'docker.io'] }, ['a.io/other:latest', 'docker.io/library/other:latest']],
    ['full.io/debian', { aliases, unqualifiedSearchRegistries: ['a.io'] }, ['full.io/debian:latest']],
    ['constructor', { aliases }, ['docker.io/library/constructor:latest']],
  ])('%s with %j', (typed, config, expected) => {
    expect(resolve(typed, config)).toEqual(expected)
  })

  test('that may be at several registries are refused where that is enforced', () => {
    const enforcing = { shortNameMode: 'enforcing', unqualifiedSearchRegistries: ['a.io', 'b.io'], aliases } as const
    expect(() => resolve('other', enforcing)).toThrow(
      expect.objectContaining({ code: 'ERR_SHORT_NAME_AMBIGUOUS', details: { candidates: ['a.io/other:latest', 'b.io/other:latest'] } }),
    )
    expect(resolve('debian', enforcing)).toEqual(['quay.io/os/debian:latest'])
    expect(resolve('other', { ...enforcing, unqualifiedSearchRegistries: ['a.io'] })).toEqual(['a.io/other:latest'])
  })
})

describe('endpoints', () => {
  const conf = `
[[registry]]
prefix = "docker.io"
location = "registry.example/hub"
[[registry.mirror]]
location = "mirror.example:5000/hub"
insecure = true
[[registry.mirror]]
location = "tags.example"
pull-from-mirror = "tag-only"
[[registry.mirror]]
location = "digests.example"
pull-from-mirror = "digest-only"
[[registry]]
prefix = "docker.io/secret"
blocked = true
[[registry]]
prefix = "*.corp.example"
insecure = true
[[registry]]
prefix = "*.moved.example"
location = "new.example/old"
[[registry]]
prefix = "*.deep.example/team"
location = "new.example/team"
[[registry]]
location = "plain.example"
insecure = true
`
  const show = ({ registry, repository, tlsVerify, mirror }: Endpoint): string =>
    `${registry}/${repository}${tlsVerify === undefined ? '' : ` tls=${tlsVerify}`}${mirror ? ' mirror' : ''}`
  const digest = `@sha256:${'a'.repeat(64)}`

  test.each([
    [
      'docker.io/library/debian:1',
      'pull',
      [
        'mirror.example:5000/hub/library/debian tls=false mirror',
        'tags.example/library/debian mirror',
        'registry.example/hub/library/debian',
      ],
    ],
    [
      `docker.io/library/debian${digest}`,
      'pull',
      [
        'mirror.example:5000/hub/library/debian tls=false mirror',
        'digests.example/library/debian mirror',
        'registry.example/hub/library/debian',
      ],
    ],
    ['docker.io/library/debian:1', 'push', ['registry.example/hub/library/debian']],
    ['docker.io/secretive/x:1', 'push', ['registry.example/hub/secretive/x']],
    ['a.corp.example:5000/x:1', 'pull', ['a.corp.example:5000/x tls=false']],
    ['corp.example/x:1', 'pull', ['corp.example/x']],
    ['b.moved.example/x/y:1', 'pull', ['new.example/old/x/y']],
    ['b.moved.example:5000/x/y:1', 'pull', ['new.example/old/x/y']],
    ['a.b.deep.example/team/x:1', 'pull', ['new.example/team/x']],
    ['a.deep.example:5000/team/x:1', 'pull', ['new.example/team/x']],
    ['a.deep.example/teams/x:1', 'pull', ['a.deep.example/teams/x']],
    ['plain.example/x:1', 'pull', ['plain.example/x tls=false']],
    ['plain.example:5000/x:1', 'pull', ['plain.example:5000/x']],
  ] as const)('%s, to %s', async (name, purpose, expected) => {
    const config = await load({ 'user.conf': conf })
    expect(endpointsOf(parseReference(name), config, { purpose }).map(show)).toEqual(expected)
  })

  test('what is blocked is refused', async () => {
    const config = await load({ 'user.conf': conf })
    expect(() => endpointsOf(parseReference('docker.io/secret/x:1'), config, { purpose: 'pull' })).toThrow(
      expect.objectContaining({ code: 'ERR_REGISTRY_BLOCKED', message: expect.stringContaining('docker.io/secret') }),
    )
  })

  test('the caller overrules insecure', async () => {
    const config = await load({ 'user.conf': conf })
    const [endpoint] = endpointsOf(parseReference('plain.example/x:1'), config, { purpose: 'pull', tlsVerify: true })
    expect(endpoint?.tlsVerify).toBe(true)
  })
})
