import { type Interceptor, registryFaults } from '@podwright/conformance'
import {
  copyImage,
  createLayoutDestination,
  createRegistryClient,
  createRegistryDestination,
  createRegistrySource,
  type Credentials,
  fixedCredentials,
  login,
  type RegistryClient,
} from '@podwright/distribution'
import { parseReference, type Reference } from '@podwright/oci'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testedFetch } from './fixtures/fetch.ts'
import { noise, testImage } from './fixtures/image.ts'
import { memoryDestination, memorySource } from './fixtures/memory-image.ts'
import { scriptedClock, type ScriptedClock } from './fixtures/scripted-clock.ts'
import { type ScriptedRegistry, startScriptedRegistry } from './fixtures/scripted-registry.ts'

// Everything that goes wrong at a registry, each with credentials, so that they can be looked for afterwards in all that was said.

const faults = registryFaults
const password = 's3cret-pass-word'
const token = 't0ken-that-nobody-may-see'
const credentials: Credentials = { type: 'basic', username: 'user', password }
const secrets = [password, token, Buffer.from(`user:${password}`).toString('base64'), Buffer.from(password).toString('base64')]

const image = testImage({ layers: [noise(300_000)] })
const [layer] = image.layers as [(typeof image.layers)[0]]

let registry: ScriptedRegistry
let elsewhere: ScriptedRegistry
let tokens: ScriptedRegistry
let clock: ScriptedClock
let client: RegistryClient
let reference: Reference
let said: unknown[]

beforeEach(async () => {
  registry = await startScriptedRegistry()
  elsewhere = await startScriptedRegistry()
  tokens = await startScriptedRegistry()
  for (const one of [registry, elsewhere]) one.add('a/b', '1', image)
  tokens.intercept('GET', /token/, (_, response) => void response.writeHead(200).end(JSON.stringify({ token, expires_in: 3600 })), 99)
  clock = scriptedClock()
  client = createRegistryClient(
    { fetch: testedFetch, clock, random: () => 1, credentials: fixedCredentials(registry.host, credentials) },
    { tlsVerify: false, stallTimeoutMs: 150, retries: 2 },
  )
  reference = parseReference(`${registry.host}/a/b:1`)
  said = []
})
afterEach(async () => {
  await client[Symbol.asyncDispose]()
  for (const one of [registry, elsewhere, tokens]) await one[Symbol.asyncDispose]()
})

/** What is asked with a token goes to the fault; nobody else gets further. */
function guarded(fault: Interceptor, { times }: { readonly times: number }): Interceptor {
  let left = times
  return (request, response, serve) => {
    if (request.headers.authorization === `Bearer ${token}`) return left-- > 0 ? fault(request, response, serve) : serve()
    response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${tokens.host}/token",service="s"` }).end()
  }
}

function script(method: string, path: RegExp, fault: Interceptor, times: number): void {
  registry.intercept(method, path, guarded(fault, { times }), 999)
  for (const other of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
    registry.intercept(other, /./, guarded(faults.hang(), { times: 0 }), 999)
}

async function run(work: () => Promise<unknown>): Promise<{ readonly code: string; readonly retries: number }> {
  const outcome = await work().then(
    () => ({ code: 'ok' }),
    (error: unknown) => {
      said.push(error)
      return error as { code: string }
    },
  )
  return { code: outcome.code ?? String(outcome), retries: clock.sleeps.length }
}

const onProgress = (event: unknown): void => void said.push(event)
const pull = (): Promise<unknown> =>
  copyImage(createRegistrySource({ client }, reference), memoryDestination(), { clock, onProgress, retries: 2 })

const nothingSaid = (): void => {
  const text = said.map((one) => inspect(one, { depth: 20, showHidden: true, maxStringLength: Infinity })).join('\n')
  for (const secret of secrets) expect(text).not.toContain(secret)
  const leaked = elsewhere.requests.filter(({ headers, path }) =>
    secrets.some((secret) => JSON.stringify([headers, path]).includes(secret)),
  )
  expect(leaked).toEqual([])
}

const date = (): string => new Date(clock.now() + 5000).toUTCString()

/** Fault, code when it comes once, code when it stays. */
const whilePulling: readonly (readonly [string, () => Interceptor, string, string])[] = [
  ['429', () => faults.refuse(429, 'TOOMANYREQUESTS'), 'ok', 'ERR_REGISTRY_RATE_LIMITED'],
  ['429, Retry-After in seconds', () => faults.refuse(429, 'TOOMANYREQUESTS', { 'retry-after': '3' }), 'ok', 'ERR_REGISTRY_RATE_LIMITED'],
  ['429, Retry-After as a date', () => faults.refuse(429, 'TOOMANYREQUESTS', { 'retry-after': date() }), 'ok', 'ERR_REGISTRY_RATE_LIMITED'],
  ['500', () => faults.refuse(500), 'ok', 'ERR_REGISTRY_SERVER'],
  ['502', () => faults.refuse(502), 'ok', 'ERR_REGISTRY_SERVER'],
  ['503, Retry-After', () => faults.refuse(503, 'UNAVAILABLE', { 'retry-after': '1' }), 'ok', 'ERR_REGISTRY_SERVER'],
  ['403', () => faults.refuse(403, 'DENIED'), 'ERR_REGISTRY_DENIED', 'ERR_REGISTRY_DENIED'],
  ['404', () => faults.refuse(404, 'NAME_UNKNOWN'), 'ERR_REGISTRY_NOT_FOUND', 'ERR_REGISTRY_NOT_FOUND'],
  ['400', () => faults.refuse(400), 'ERR_REGISTRY_REJECTED', 'ERR_REGISTRY_REJECTED'],
  ['a reset', () => faults.reset(), 'ok', 'ERR_REGISTRY_INTERRUPTED'],
  ['a reset in the middle', () => faults.resetAfter(100), 'ok', 'ERR_REGISTRY_INTERRUPTED'],
  ['a silence', () => faults.hang(), 'ok', 'ERR_REGISTRY_STALLED'],
  ['a silence in the middle', () => faults.hangAfter(100), 'ok', 'ERR_REGISTRY_STALLED'],
  ['a redirect loop', () => faults.redirect(), 'ok', 'ERR_REGISTRY_PROTOCOL'],
  [
    'a redirect elsewhere',
    () => (request, response) => faults.redirect(`http://${elsewhere.host}${request.url}`)(request, response, null!),
    'ok',
    'ok',
  ],
  ['a page of HTML', () => faults.html(), 'ERR_REGISTRY_PROTOCOL', 'ERR_REGISTRY_PROTOCOL'],
  ['gzip that nobody asked for', () => faults.gzipEncoding(), 'ERR_REGISTRY_PROTOCOL', 'ERR_REGISTRY_PROTOCOL'],
]

describe.each([
  ['a manifest', /manifests/],
  ['a blob', new RegExp(layer.digest)],
] as const)('while reading %s', (_, path) => {
  test.each(whilePulling)('%s', async (_fault, fault, once, always) => {
    script('GET', path, fault(), 1)
    expect((await run(pull)).code).toBe(once)
    nothingSaid()
    await restart(path, fault())
    expect((await run(pull)).code).toBe(always)
    nothingSaid()
  })
})

/** A registry anew, since scripts stay. */
async function restart(path: RegExp, fault: Interceptor): Promise<void> {
  await registry[Symbol.asyncDispose]()
  await client[Symbol.asyncDispose]()
  registry = await startScriptedRegistry()
  registry.add('a/b', '1', image)
  reference = parseReference(`${registry.host}/a/b:1`)
  client = createRegistryClient(
    { fetch: testedFetch, clock, random: () => 1, credentials: fixedCredentials(registry.host, credentials) },
    { tlsVerify: false, stallTimeoutMs: 150, retries: 2 },
  )
  script('GET', path, fault, 99)
}

describe('bytes of a blob', () => {
  test.each<readonly [string, () => Interceptor, string]>([
    ['that end early', () => faults.truncate(100), 'ok'],
    ['that are one too many', () => faults.wrongLength(1), 'ERR_BLOB_SIZE_MISMATCH'],
    ['that are one too few', () => faults.wrongLength(-1), 'ERR_BLOB_SIZE_MISMATCH'],
    ['that are others', () => faults.wrongBytes(), 'ERR_BLOB_DIGEST_MISMATCH'],
    ['without end', () => faults.huge(9_000_000), 'ERR_BLOB_SIZE_MISMATCH'],
    ['that come slowly', () => faults.trickle(30_000, 5), 'ok'],
    ['of a wrong type', () => faults.contentType('text/plain'), 'ok'],
  ])('%s', async (_, fault, code) => {
    const directory = mkdtempSync(join(tmpdir(), 'faults-'))
    script('GET', new RegExp(layer.digest), fault(), 1)
    const copy = async (): Promise<unknown> => {
      await using destination = createLayoutDestination(join(directory, 'layout'), { name: 'x' })
      return await copyImage(createRegistrySource({ client }, reference), destination, { clock, onProgress })
    }
    expect((await run(copy)).code).toBe(code)
    nothingSaid()
    rmSync(directory, { recursive: true })
  })
})

describe('bytes of a manifest', () => {
  test.each<readonly [string, () => Interceptor, string]>([
    ['that are others', () => faults.wrongBytes(), 'ERR_MANIFEST_DIGEST_MISMATCH'],
    ['that end early', () => faults.truncate(100), 'ERR_MANIFEST_DIGEST_MISMATCH'],
    ['without end', () => faults.huge(5 * 1024 * 1024), 'ERR_REGISTRY_PROTOCOL'],
    ['of an unknown type', () => faults.contentType('application/vnd.example+json'), 'ERR_MANIFEST_TYPE_UNKNOWN'],
    ['of the type of an index', () => faults.contentType('application/vnd.oci.image.index.v1+json'), 'ERR_DOCUMENT_AMBIGUOUS'],
    ['of no type', () => faults.contentType('application/octet-stream'), 'ok'],
    ['that come slowly', () => faults.trickle(100, 10), 'ok'],
  ])('%s', async (_, fault, code) => {
    script('GET', /manifests/, fault(), 99)
    expect((await run(pull)).code).toBe(code)
    nothingSaid()
  })
})

describe('while pushing', () => {
  const push = (): Promise<unknown> =>
    copyImage(memorySource(image), createRegistryDestination({ client }, { ...reference, repository: 'c/d' }), { clock, onProgress })
  beforeEach(() => registry.blobs.clear())

  test.each<readonly [string, string, RegExp, () => Interceptor, string]>([
    ['POST answered with 503', 'POST', /uploads/, () => faults.refuse(503), 'ok'],
    ['POST answered with 429', 'POST', /uploads/, () => faults.refuse(429, 'X', { 'retry-after': '2' }), 'ok'],
    ['POST answered with 403', 'POST', /uploads/, () => faults.refuse(403, 'DENIED'), 'ERR_REGISTRY_DENIED'],
    ['PUT reset', 'PUT', /uploads/, () => faults.reset(), 'ok'],
    ['PUT answered with 500', 'PUT', /uploads/, () => faults.refuse(500), 'ok'],
    ['PUT answered with 429', 'PUT', /uploads/, () => faults.refuse(429, 'X', { 'retry-after': date() }), 'ok'],
    ['PUT never answered', 'PUT', /uploads/, () => faults.hang(), 'ok'],
    ['PUT answered with 401', 'PUT', /uploads/, () => faults.refuse(401), 'ERR_REGISTRY_UNAUTHORIZED'],
    ['PUT refused for its digest', 'PUT', /uploads/, () => faults.refuse(400, 'DIGEST_INVALID'), 'ERR_REGISTRY_REJECTED'],
    ['HEAD answered with 500', 'HEAD', /blobs/, () => faults.refuse(500), 'ok'],
    ['the manifest answered with 500', 'PUT', /manifests/, () => faults.refuse(500), 'ok'],
    ['the manifest reset', 'PUT', /manifests/, () => faults.reset(), 'ok'],
    ['the manifest refused', 'PUT', /manifests/, () => faults.refuse(400, 'MANIFEST_INVALID'), 'ERR_REGISTRY_REJECTED'],
    ['the manifest answered by HTML', 'PUT', /manifests/, () => faults.html(), 'ERR_REGISTRY_PROTOCOL'],
  ])('%s', async (_, method, path, fault, code) => {
    script(method, path, fault(), 1)
    expect((await run(push)).code).toBe(code)
    nothingSaid()
  })
})

describe('at the token server', () => {
  test.each<readonly [string, () => Interceptor, string]>([
    ['500', () => faults.refuse(500), 'ERR_REGISTRY_SERVER'],
    ['401', () => faults.refuse(401), 'ERR_REGISTRY_UNAUTHORIZED'],
    ['429', () => faults.refuse(429), 'ERR_REGISTRY_RATE_LIMITED'],
    ['a reset', () => faults.reset(), 'ERR_REGISTRY_INTERRUPTED'],
    ['a silence', () => faults.hang(), 'ERR_REGISTRY_STALLED'],
    ['a redirect loop', () => faults.redirect(), 'ERR_REGISTRY_PROTOCOL'],
    ['HTML', () => faults.html(), 'ERR_REGISTRY_PROTOCOL'],
    ['no end', () => (_, response) => void response.writeHead(200).end(Buffer.alloc(3_000_000)), 'ERR_REGISTRY_PROTOCOL'],
    [
      'a token that is never right',
      () => (_, response) => void response.writeHead(200).end('{"token":"other"}'),
      'ERR_REGISTRY_UNAUTHORIZED',
    ],
  ])('%s', async (_, fault, code) => {
    const failing = await startScriptedRegistry()
    failing.intercept('GET', /token/, fault(), 99)
    await tokens[Symbol.asyncDispose]()
    tokens = failing
    script('GET', /manifests/, faults.hang(), 0)
    expect((await run(pull)).code).toBe(code)
    nothingSaid()
  })
})

test('logging in tells no secret, whatever goes wrong', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'faults-'))
  const authFile = join(directory, 'auth.json')
  for (const fault of [faults.refuse(500), faults.refuse(403), faults.reset(), faults.html(), faults.redirect()]) {
    script('GET', /^\/v2\/$/, fault, 99)
    const attempt = (): Promise<unknown> =>
      login({ clock }, registry.host, credentials, { authFile, client: { tlsVerify: false, retries: 0 } })
    await run(attempt)
    nothingSaid()
  }
  await using open = await startScriptedRegistry()
  said.push(await login({ clock }, open.host, credentials, { authFile, client: { tlsVerify: false } }))
  nothingSaid()
  expect(readFileSync(authFile, 'utf8')).toContain(Buffer.from(`user:${password}`).toString('base64'))
  rmSync(directory, { recursive: true })
})
