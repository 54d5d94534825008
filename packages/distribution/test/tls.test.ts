import { createRegistryClient, type RegistryClientOptions } from '@podwright/distribution'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import type { TLSSocket } from 'node:tls'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testedFetch } from './fixtures/fetch.ts'
import { testImage } from './fixtures/image.ts'
import { certificate, close, listen, type ScriptedRegistry, startScriptedRegistry } from './fixtures/scripted-registry.ts'

const image = testImage()
let secure: ScriptedRegistry
let plain: ScriptedRegistry
let certificates: string

beforeAll(async () => {
  secure = await startScriptedRegistry({ tls: true })
  plain = await startScriptedRegistry()
  for (const registry of [secure, plain]) registry.add('a/b', '1', image)
  certificates = mkdtempSync(join(tmpdir(), 'certs.d-'))
  mkdirSync(join(certificates, secure.host))
  copyFileSync(new URL('fixtures/localhost.crt', import.meta.url), join(certificates, secure.host, 'ca.crt'))
})

afterAll(async () => {
  await secure[Symbol.asyncDispose]()
  await plain[Symbol.asyncDispose]()
  rmSync(certificates, { recursive: true })
})

async function pull(host: string, options: RegistryClientOptions = {}): Promise<string> {
  await using client = createRegistryClient({ fetch: testedFetch }, { retries: 0, environment: {}, ...options })
  const { descriptor } = await client.getManifest({ registry: host, repository: 'a/b' }, '1')
  return descriptor.digest
}

describe('with verification', () => {
  test('a self-signed certificate is refused, with the way out', async () => {
    await expect(pull(secure.host)).rejects.toMatchObject({
      code: 'ERR_REGISTRY_TLS',
      message: expect.stringContaining('self-signed'),
      hint: expect.stringContaining('--tls-verify=false'),
    })
  })

  test('a server that speaks plain HTTP is named as that', async () => {
    await expect(pull(plain.host)).rejects.toMatchObject({
      code: 'ERR_REGISTRY_TLS',
      message: expect.stringContaining('plain HTTP'),
      hint: expect.stringContaining('--tls-verify=false'),
    })
    expect(plain.requests).toHaveLength(0)
  })

  test('an authority out of certs.d is trusted', async () => {
    expect(await pull(secure.host, { certificateDirectories: [certificates] })).toBe(image.top.descriptor.digest)
  })

  test("an authority of the system's is trusted", async () => {
    const check = fileURLToPath(new URL('fixtures/check-registry.ts', import.meta.url))
    const authority = fileURLToPath(new URL('fixtures/localhost.crt', import.meta.url))
    const run = (environment: NodeJS.ProcessEnv): Promise<unknown> =>
      promisify(execFile)(process.execPath, ['-C', '@podwright/source', check, secure.host], { env: { ...process.env, ...environment } })
    await expect(run({})).rejects.toMatchObject({ stderr: expect.stringContaining('ERR_REGISTRY_TLS') })
    await expect(run({ SSL_CERT_FILE: authority })).resolves.toBeDefined()
  })

  test('HTTPS is never left for HTTP', async () => {
    secure.intercept('GET', /manifests/, (request, response) => {
      response.writeHead(307, { location: `http://${plain.host}${request.url}` }).end()
    })
    await expect(pull(secure.host, { certificateDirectories: [certificates] })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_PROTOCOL',
      message: expect.stringContaining('plain HTTP'),
    })
  })

  test('a token server without TLS is not spoken to', async () => {
    secure.intercept('GET', /manifests/, (_, response) => {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${plain.host}/token"` }).end()
    })
    await expect(pull(secure.host, { certificateDirectories: [certificates] })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_PROTOCOL',
      message: expect.stringContaining('without TLS'),
    })
  })
})

describe('without verification', () => {
  test('HTTPS is taken with whatever certificate', async () => {
    expect(await pull(secure.host, { tlsVerify: false })).toBe(image.top.descriptor.digest)
  })

  test('else plain HTTP', async () => {
    expect(await pull(plain.host, { tlsVerify: false })).toBe(image.top.descriptor.digest)
  })

  test.each(['400 Bad Request', '307 Temporary Redirect'])(
    'on this machine, plain HTTP is tried first, and who answers it with %s is spoken to by TLS',
    async (refusal) => {
      const first: (number | undefined)[] = []
      /** As nginx and Go's server do on a port for TLS. */
      const sniffing = createTcpServer((socket) => {
        socket.once('data', (begin: Buffer) => {
          first.push(begin[0])
          if (begin[0] !== tlsHandshake)
            return void socket.end(
              `HTTP/1.1 ${refusal}\r\nlocation: https://nowhere.invalid/\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
            )
          const upstream = connect(Number(secure.host.split(':')[1]), '127.0.0.1', () => socket.pipe(upstream).pipe(socket))
          upstream.write(begin)
          upstream.on('error', () => socket.destroy())
          socket.on('error', () => upstream.destroy())
        })
      })
      await once(sniffing.listen(0, '127.0.0.1'), 'listening')
      const host = `127.0.0.1:${(sniffing.address() as AddressInfo).port}`
      expect(await pull(host, { tlsVerify: false })).toBe(image.top.descriptor.digest)
      expect(first[0]).toBe('G'.charCodeAt(0))
      expect(first.slice(1).every((byte) => byte === tlsHandshake)).toBe(true)
      sniffing.close()
    },
  )
})

/** The first byte of a record that greets (RFC 8446, section 5.1). */
const tlsHandshake = 0x16

describe('a proxy', () => {
  test('is tunnelled through to HTTPS, and asked for plain HTTP with the whole URL', async () => {
    const seen: string[] = []
    const proxy = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`)
      // As for a name that only the proxy knows.
      forward(request.url!.replace('plain.example', plain.host), response).catch(() => response.destroy())
    })
    proxy.on('connect', (request, socket: Socket) => {
      seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`)
      if (request.url === 'plain.example:443') return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      const upstream = connect(Number(secure.host.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(socket).pipe(upstream)
      })
      upstream.on('error', () => socket.destroy())
      socket.on('error', () => upstream.destroy())
    })
    const address = await listen(proxy)
    const environment = { HTTPS_PROXY: `http://me:p%40ss@${address}`, http_proxy: address, NO_PROXY: 'elsewhere.example' }
    expect(await pull('secure.example', { environment, tlsVerify: false })).toBe(image.top.descriptor.digest)
    expect(await pull('plain.example', { environment, tlsVerify: false })).toBe(image.top.descriptor.digest)
    const authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`
    expect(seen[0]).toBe(`CONNECT secure.example:443 ${authorization}`)
    expect(seen.at(-1)).toBe('GET http://plain.example/v2/a/b/manifests/1 ')
    await expect(pull('plain.example', { environment })).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNREACHABLE' })
    await close(proxy)
  })
})

test('a proxy may itself speak TLS', async () => {
  const seen: string[] = []
  const proxy = createTlsServer(certificate(), (request, response) => {
    seen.push(request.url ?? '')
    forward(request.url!.replace('plain.example', plain.host), response).catch(() => response.destroy())
  })
  proxy.on('connect', (request, socket: Socket) => {
    seen.push(request.url ?? '')
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  const address = (await listen(proxy)).replace('127.0.0.1', 'localhost')
  const check = fileURLToPath(new URL('fixtures/check-registry.ts', import.meta.url))
  const run = (authority: string): Promise<unknown> =>
    promisify(execFile)(process.execPath, ['-C', '@podwright/source', check, 'plain.example', `https://${address}`], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: authority },
    })
  await run(fileURLToPath(new URL('fixtures/localhost.crt', import.meta.url)))
  expect(seen).toEqual(['plain.example:443', 'http://plain.example/v2/'])
  seen.length = 0
  await expect(run('')).rejects.toMatchObject({ stderr: expect.stringContaining('ERR_REGISTRY_TLS') })
  expect(seen).toEqual([])
  await close(proxy)
})

describe('certificates of a host', () => {
  const withFiles = (...names: string[]): string => {
    const directory = mkdtempSync(join(tmpdir(), 'certs.d-'))
    mkdirSync(join(directory, secure.host))
    for (const name of names)
      writeFileSync(join(directory, secure.host, name), readFileSync(new URL('fixtures/localhost.crt', import.meta.url)))
    return directory
  }

  test('come from the first directory that has some', async () => {
    const [empty, first] = [mkdtempSync(join(tmpdir(), 'certs.d-')), withFiles('ca.crt')]
    expect(await pull(secure.host, { certificateDirectories: [empty, first, certificates] })).toBe(image.top.descriptor.digest)
    const other = withFiles()
    await expect(pull(secure.host, { certificateDirectories: [other, certificates] })).rejects.toMatchObject({ code: 'ERR_REGISTRY_TLS' })
    // One directory for every host comes before them.
    expect(await pull(secure.host, { certificateDirectories: [other], certificateDirectory: join(certificates, secure.host) })).toBe(
      image.top.descriptor.digest,
    )
    await expect(pull(secure.host, { certificateDirectory: join(empty, 'none') })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_TLS',
      message: expect.stringContaining('it is no directory'),
    })
  })

  test.each([
    [['client.cert'], /no client\.key/],
    [['client.key'], /no certificate for client\.key/],
    [['a.cert', 'b.key'], /no a\.key/],
  ])('%j are not half a client', async (names, message) => {
    await expect(pull(secure.host, { certificateDirectories: [withFiles(...names)] })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_TLS',
      message: expect.stringMatching(message),
    })
  })

  test('show who we are', async () => {
    const { cert, key } = certificate()
    const names: (string | undefined)[] = []
    const asking = createTlsServer({ cert, key, ca: cert, requestCert: true, rejectUnauthorized: true }, (request, response) => {
      names.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN)
      response.end('{}')
    })
    const host = await listen(asking)
    const directory = mkdtempSync(join(tmpdir(), 'certs.d-'))
    mkdirSync(join(directory, host))
    writeFileSync(join(directory, host, 'ca.crt'), cert)
    await using nobody = createRegistryClient({ fetch: testedFetch }, { retries: 0, environment: {}, certificateDirectories: [directory] })
    await expect(nobody.check({ registry: host })).rejects.toBeDefined()
    writeFileSync(join(directory, host, 'me.cert'), cert)
    writeFileSync(join(directory, host, 'me.key'), key)
    await using client = createRegistryClient({ fetch: testedFetch }, { retries: 0, environment: {}, certificateDirectories: [directory] })
    await client.check({ registry: host })
    expect(names).toHaveLength(1)
    await close(asking)
  })
})

async function forward(url: string, response: ServerResponse): Promise<void> {
  const answer = await fetch(url)
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.end(Buffer.from(await answer.arrayBuffer()))
}
