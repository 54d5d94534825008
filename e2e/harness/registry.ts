import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Blob, Image, ImageIndex } from './image.ts'

/** A real registry (Docker's own), on a port of 127.0.0.1. */
export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly address: string
}

/** Options of `startRegistry`. */
export interface RegistryOptions {
  /** Asks for this user and password. @default nobody is asked */
  readonly basicAuth?: boolean
}

/** What a registry with basic auth knows. The hash is bcrypt, as docker-registry wants it. */
export const registryLogin = {
  user: 'alice',
  password: 'open sesame',
  hash: '$2b$05$TUGmnkSuSHcbFqIybAP8EeAjjYq7cD0nOy89iWsYExuLy1bY2Ldne',
} as const

/** Starts a registry with an empty store. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const directory = mkdtempSync(join(tmpdir(), 'podwright-registry-'))
  const address = `127.0.0.1:${await freePort()}`
  writeFileSync(join(directory, 'htpasswd'), `${registryLogin.user}:${registryLogin.hash}\n`)
  const auth = options.basicAuth === true ? { auth: { htpasswd: { realm: 'test', path: join(directory, 'htpasswd') } } } : {}
  const config = {
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: directory } },
    http: { addr: address },
    ...auth,
  }
  // YAML takes JSON.
  writeFileSync(join(directory, 'config.yml'), JSON.stringify(config))
  const child = spawn('docker-registry', ['serve', join(directory, 'config.yml')], { stdio: 'ignore' })
  await untilItAnswers(address, child)
  return {
    address,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Pushes an image or a list with all that it names. */
export async function pushImage(
  address: string,
  repository: string,
  tag: string,
  image: Image | ImageIndex,
  authorization?: string,
): Promise<void> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  if ('images' in image) {
    for (const inner of image.images) await pushImage(address, repository, inner.manifest.digest, inner, authorization)
  } else {
    for (const blob of image.blobs) await pushBlob(address, repository, blob, headers)
  }
  const url = `http://${address}/v2/${repository}/manifests/${tag}`
  await expectOk(
    await fetch(url, { method: 'PUT', body: Buffer.from(image.manifest.bytes), headers: { ...headers, 'content-type': image.mediaType } }),
  )
}

async function pushBlob(address: string, repository: string, { digest, bytes }: Blob, headers: Record<string, string>): Promise<void> {
  const begun = await fetch(`http://${address}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers })
  await expectOk(begun)
  const url = new URL(begun.headers.get('location')!, `http://${address}`)
  url.searchParams.set('digest', digest)
  await expectOk(
    await fetch(url, { method: 'PUT', body: Buffer.from(bytes), headers: { ...headers, 'content-type': 'application/octet-stream' } }),
  )
}

async function expectOk(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`)
}

async function untilItAnswers(address: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`)
    try {
      await fetch(`http://${address}/v2/`)
      return
    } catch {
      await sleep(50)
    }
  }
  throw new Error(`docker-registry does not answer on ${address}`)
}

/** A port that nobody had a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
