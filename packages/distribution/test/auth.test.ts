import { createRegistryClient, type Credentials, fixedCredentials, type RegistryClient } from '@podwright/distribution'
import { parseReference, type Reference } from '@podwright/oci'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testedFetch } from './fixtures/fetch.ts'
import { testImage } from './fixtures/image.ts'
import { scriptedClock, type ScriptedClock } from './fixtures/scripted-clock.ts'
import { type Interceptor, refuse, type ScriptedRegistry, send, startScriptedRegistry } from './fixtures/scripted-registry.ts'

const image = testImage()
const secret = 'pa:ss wörd'
const basic: Credentials = { type: 'basic', username: 'user', password: secret }
const basicHeader = `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`

let registry: ScriptedRegistry
let tokens: ScriptedRegistry
let clock: ScriptedClock
let reference: Reference

beforeEach(async () => {
  registry = await startScriptedRegistry()
  tokens = await startScriptedRegistry()
  registry.add('a/b', '1', image)
  clock = scriptedClock()
  reference = { ...parseReference(`${registry.host}/a/b:1`), tlsVerify: false } as Reference
})

afterEach(async () => {
  await registry[Symbol.asyncDispose]()
  await tokens[Symbol.asyncDispose]()
})

function clientFor(credentials?: Credentials): RegistryClient {
  return createRegistryClient(
    { fetch: testedFetch, clock, ...(credentials !== undefined && { credentials: fixedCredentials(registry.host, credentials) }) },
    { tlsVerify: false, retries: 0 },
  )
}

/** Wants a token that the token server gave; `accepts` tells which it takes. */
function requireToken(accepts: (token: string) => boolean, challenge = 'scope="repository:a/b:pull"'): void {
  const guard: Interceptor = (request, response, serve) => {
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token !== undefined && accepts(token)) return serve()
    refuse(response, 401, 'UNAUTHORIZED', {
      'www-authenticate': `Bearer realm="http://${tokens.host}/token?x=1",service="the, registry",${challenge},error="invalid_token"`,
    })
  }
  for (const method of ['GET', 'HEAD', 'PUT', 'POST']) registry.intercept(method, /./, guard, 999)
}

function giveTokens(answer: (request: IncomingMessage, response: ServerResponse, number: number) => void): void {
  let number = 0
  const give: Interceptor = (request, response) => answer(request, response, ++number)
  tokens.intercept('GET', /^\/token/, give, 999)
  tokens.intercept('POST', /^\/token/, give, 999)
}

const numberedTokens = (lifetimeSeconds?: number): void =>
  giveTokens((_, response, number) =>
    send(response, 200, {}, JSON.stringify({ token: `t${number}`, ...(lifetimeSeconds !== undefined && { expires_in: lifetimeSeconds }) })),
  )

describe('basic', () => {
  const requirePassword = (): void =>
    registry.intercept(
      'GET',
      /./,
      (request, response, serve) => {
        if (request.headers.authorization === basicHeader) serve()
        else refuse(response, 401, 'UNAUTHORIZED', { 'www-authenticate': 'Basic realm="x"' })
      },
      999,
    )

  test('is sent once it was asked for, and from then on', async () => {
    requirePassword()
    await using client = clientFor(basic)
    await client.getManifest(reference, '1')
    await client.getManifest(reference, '1')
    const authorizations = registry.requests.filter(({ path }) => path.includes('manifests')).map(({ headers }) => headers.authorization)
    expect(authorizations).toEqual([undefined, basicHeader, basicHeader])
  })

  test('nobody in particular is refused, with the way to log in', async () => {
    requirePassword()
    await using client = clientFor()
    await expect(client.getManifest(reference, '1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNAUTHORIZED',
      retryable: false,
      hint: expect.stringContaining(`podwright login ${registry.host}`),
    })
  })

  test('the wrong password is refused after one attempt and is not in the error', async () => {
    requirePassword()
    await using client = clientFor({ type: 'basic', username: 'user', password: 'hunter2' })
    const error = await client.getManifest(reference, '1').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED', hint: expect.stringContaining('outdated') })
    expect(inspect(error, { depth: 9 })).not.toMatch(/hunter2|aHVudGVyM|dXNlcj/)
    expect(registry.requests.filter(({ path }) => path.includes('manifests'))).toHaveLength(2)
  })
})

describe('tokens', () => {
  test('are got as nobody, for the scope and service asked for, and kept', async () => {
    requireToken((token) => token === 't1')
    numberedTokens()
    await using client = clientFor()
    await client.getManifest(reference, '1')
    await client.hasBlob(reference, image.layers[0]!.digest)
    expect(tokens.requests).toHaveLength(1)
    const asked = new URL(tokens.requests[0]!.path, 'http://x').searchParams
    expect(Object.fromEntries(asked)).toEqual({ x: '1', service: 'the, registry', scope: 'repository:a/b:pull' })
    expect(tokens.requests[0]!.headers.authorization).toBeUndefined()
  })

  test('are asked for once by requests that come at once', async () => {
    requireToken(() => true)
    numberedTokens()
    await using client = clientFor()
    await client.getManifest(reference, '1')
    clock.advance(100_000)
    await Promise.all(
      image.layers.map(({ digest }) => client.hasBlob(reference, digest)).concat(client.hasBlob(reference, image.layers[0]!.digest)),
    )
    expect(tokens.requests).toHaveLength(2)
  })

  test('are got with a password', async () => {
    requireToken((token) => token === 't1')
    numberedTokens()
    await using client = clientFor(basic)
    await client.getManifest(reference, '1')
    expect(tokens.requests[0]!.headers.authorization).toBe(basicHeader)
    expect(tokens.requests[0]!.path).toContain('account=user')
    expect(registry.requests.some(({ headers }) => headers.authorization === basicHeader)).toBe(false)
  })

  test('are got with an identity token, by POST', async () => {
    requireToken((token) => token === 'fresh')
    giveTokens((_, response) => send(response, 200, {}, JSON.stringify({ access_token: 'fresh', refresh_token: 'next' })))
    await using client = clientFor({ type: 'identity', identityToken: 'refresh me' })
    await client.getManifest(reference, '1')
    expect(tokens.requests[0]?.method).toBe('POST')
    expect(Object.fromEntries(new URLSearchParams(tokens.requests[0]!.body))).toEqual({
      grant_type: 'refresh_token',
      service: 'the, registry',
      client_id: 'podwright',
      scope: 'repository:a/b:pull',
      refresh_token: 'refresh me',
    })
  })

  test('come from the newest identity token that the server gave', async () => {
    requireToken(() => true)
    giveTokens((_, response, number) =>
      send(response, 200, {}, JSON.stringify({ access_token: `t${number}`, refresh_token: `r${number}` })),
    )
    await using client = clientFor({ type: 'identity', identityToken: 'r0' })
    for (let number = 0; number < 3; number++) {
      await client.getManifest(reference, '1')
      clock.advance(100_000)
    }
    expect(tokens.requests.map(({ body }) => new URLSearchParams(body).get('refresh_token'))).toEqual(['r0', 'r1', 'r2'])
  })

  test.each([400, 401, 404, 405])('are got by GET where POST is answered with %i', async (status) => {
    requireToken((token) => token === 'got')
    giveTokens((request, response) =>
      request.method === 'POST' ? refuse(response, status, 'UNSUPPORTED') : send(response, 200, {}, '{"token":"got"}'),
    )
    await using client = clientFor({ type: 'identity', username: 'me', identityToken: 'it' })
    await client.getManifest(reference, '1')
    expect(tokens.requests.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from('me:it').toString('base64')}`)
  })

  test.each([404, 405])('are got by POST where GET is answered with %i', async (status) => {
    requireToken((token) => token === 'got')
    giveTokens((request, response) =>
      request.method === 'GET' ? refuse(response, status, 'UNSUPPORTED') : send(response, 200, {}, '{"access_token":"got"}'),
    )
    await using client = clientFor(basic)
    await client.getManifest(reference, '1')
    const { body } = tokens.requests.at(-1)!
    expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({ grant_type: 'password', username: 'user', password: secret })
  })

  test('are asked for as the several challenges of an answer allow', async () => {
    numberedTokens()
    const headers = ['Negotiate', 'Basic realm="a, \\"b\\""', `Bearer realm="http://${tokens.host}/token",service=s`]
    registry.intercept(
      'GET',
      /./,
      (request, response, serve) => {
        if (request.headers.authorization === 'Bearer t1') return serve()
        response.writeHead(401, { 'www-authenticate': headers }).end()
      },
      99,
    )
    await using client = clientFor(basic)
    await client.getManifest(reference, '1')
    expect(tokens.requests).toHaveLength(1)
  })

  test('that somebody brings are sent as they are', async () => {
    requireToken((token) => token === 'mine')
    await using client = clientFor({ type: 'bearer', registryToken: 'mine' })
    await client.getManifest(reference, '1')
    expect(tokens.requests).toHaveLength(0)
  })

  test('expire', async () => {
    requireToken(() => true)
    numberedTokens(300)
    await using client = clientFor()
    await client.getManifest(reference, '1')
    clock.advance(290_000)
    await client.getManifest(reference, '1')
    clock.advance(6_000)
    await client.getManifest(reference, '1')
    const sent = registry.requests.filter(({ path }) => path.includes('manifests')).map(({ headers }) => headers.authorization)
    expect(sent).toEqual([undefined, 'Bearer t1', 'Bearer t1', 'Bearer t2'])
  })

  test('that were revoked are replaced', async () => {
    let good = 't1'
    requireToken((token) => token === good)
    numberedTokens()
    await using client = clientFor()
    await client.getManifest(reference, '1')
    good = 't2'
    await client.getManifest(reference, '1')
    expect(tokens.requests).toHaveLength(2)
  })

  test('are asked for by action', async () => {
    requireToken(() => true)
    numberedTokens()
    await using client = clientFor()
    await client.getManifest(reference, '1')
    await client.putManifest(reference, '2', image.top)
    const scopes = tokens.requests.map(({ path }) => new URL(path, 'http://x').searchParams.getAll('scope'))
    expect(scopes[0]).toEqual(['repository:a/b:pull'])
    expect(scopes[1]).toContain('repository:a/b:pull,push')
  })

  test('that are never accepted end the attempts', async () => {
    requireToken(() => false)
    numberedTokens()
    await using client = clientFor()
    await expect(client.getManifest(reference, '1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED' })
    expect(tokens.requests.length).toBeLessThanOrEqual(2)
  })

  test('a token server that wants a token itself ends the attempts', async () => {
    requireToken(() => false)
    giveTokens((_, response) => refuse(response, 401, 'UNAUTHORIZED', { 'www-authenticate': `Bearer realm="http://${tokens.host}/token"` }))
    await using client = clientFor()
    await expect(client.getManifest(reference, '1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNAUTHORIZED',
      message: expect.stringContaining(`get a token for ${registry.host}`),
    })
    expect(tokens.requests).toHaveLength(1)
  })

  test.each([
    ['no JSON', 'hello'],
    ['no token', '{}'],
    ['a token that would end the header', JSON.stringify({ token: 'a\r\nx: y' })],
  ])('a token server that gives %s', async (_, body) => {
    requireToken(() => true)
    giveTokens((__, response) => send(response, 200, {}, body))
    await using client = clientFor()
    await expect(client.getManifest(reference, '1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })

  test.each(['Bearer', 'Bearer realm="ftp://x"', 'Bearer realm="nonsense"'])('a challenge that can not be met: %s', async (challenge) => {
    registry.intercept('GET', /./, (_, response) => refuse(response, 401, 'X', { 'www-authenticate': challenge }), 999)
    await using client = clientFor()
    await expect(client.getManifest(reference, '1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_PROTOCOL' })
  })

  test.each(['', 'Negotiate', 'NTLM abc=='])('a challenge of another kind is a refusal: %j', async (challenge) => {
    registry.intercept(
      'GET',
      /./,
      (_, response) => refuse(response, 401, 'X', challenge === '' ? {} : { 'www-authenticate': challenge }),
      999,
    )
    await using client = clientFor(basic)
    await expect(client.getManifest(reference, '1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED' })
  })
})

describe('credentials stay where they belong', () => {
  test('a redirect to another host carries none', async () => {
    await using elsewhere = await startScriptedRegistry()
    elsewhere.add('a/b', '1', image)
    const target = image.layers[0]!
    await using redirecting = await startScriptedRegistry()
    redirecting.intercept(
      'GET',
      /blobs/,
      (request, response) => {
        if (request.headers.authorization === undefined) return refuse(response, 401, 'X', { 'www-authenticate': 'Basic realm="x"' })
        send(response, 307, { location: `http://${elsewhere.host}${request.url}?signature=s3cret` })
      },
      99,
    )
    await using other = createRegistryClient(
      { fetch: testedFetch, credentials: fixedCredentials(redirecting.host, basic) },
      { tlsVerify: false, retries: 0 },
    )
    const repository = { registry: redirecting.host, repository: 'a/b' }
    const { chunks } = await other.openBlob(repository, target)
    for await (const _ of chunks);
    expect(redirecting.requests.at(-1)?.headers.authorization).toBe(basicHeader)
    expect(elsewhere.requests).toHaveLength(1)
    expect(elsewhere.requests[0]?.headers.authorization).toBeUndefined()
    elsewhere.blobs.clear()
    const error = await other.openBlob(repository, target).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_REGISTRY_NOT_FOUND' })
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret')
  })

  test('an upload location at another host gets none', async () => {
    await using elsewhere = await startScriptedRegistry()
    elsewhere.uploads.set('1', { repository: 'a/b', bytes: new Uint8Array() })
    registry.intercept(
      'POST',
      /uploads/,
      (request, response) => {
        if (request.headers.authorization === undefined) return refuse(response, 401, 'X', { 'www-authenticate': 'Basic realm="x"' })
        send(response, 202, { location: `http://${elsewhere.host}/v2/a/b/blobs/uploads/1` })
      },
      99,
    )
    await using client = clientFor(basic)
    const layer = image.layers[0]!
    await client.putBlob(reference, layer, async () => ({ offset: 0, chunks: one(image.blobs.get(layer.digest)!) }))
    expect(elsewhere.blobs.has(layer.digest)).toBe(true)
    expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })

  test('a challenge of the host that it was redirected to is not met', async () => {
    await using elsewhere = await startScriptedRegistry()
    elsewhere.intercept('GET', /./, (_, response) => refuse(response, 401, 'X', { 'www-authenticate': 'Basic realm="phishing"' }), 99)
    registry.intercept(
      'GET',
      /manifests/,
      (request, response) => send(response, 307, { location: `http://${elsewhere.host}${request.url}` }),
      99,
    )
    await using client = clientFor(basic)
    await expect(client.getManifest(reference, '1')).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNAUTHORIZED' })
    expect(elsewhere.requests).toHaveLength(1)
    expect(registry.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(false)
  })

  test('a token server that redirects elsewhere takes none along', async () => {
    await using elsewhere = await startScriptedRegistry()
    elsewhere.intercept('GET', /./, (_, response) => send(response, 200, {}, JSON.stringify({ token: 'x' })), 99)
    requireToken(() => true)
    giveTokens((_, response) => send(response, 302, { location: `http://${elsewhere.host}/token` }))
    await using client = clientFor(basic)
    await client.getManifest(reference, '1')
    expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })
})

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
