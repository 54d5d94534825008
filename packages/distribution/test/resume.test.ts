import { registryFaults } from '@podwright/conformance'
import { describe as describeBytes, mediaTypes } from '@podwright/oci'
import { fork } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { noise, recordOf, type TestImage } from './fixtures/image.ts'
import { type ScriptedRegistry, send, startScriptedRegistry } from './fixtures/scripted-registry.ts'

// A pull that dies by SIGKILL, into the engine's own storage, as the layers of an artifact: nothing is unpacked.

const size = 6_000_000
const bytes = noise(size)
const empty = new TextEncoder().encode('{}')
const layer = describeBytes(bytes, 'application/octet-stream')
const config = describeBytes(empty, mediaTypes.ociEmpty)
const top = recordOf(
  { schemaVersion: 2, mediaType: mediaTypes.ociManifest, artifactType: 'x/y', config, layers: [layer] },
  mediaTypes.ociManifest,
)
const image: Pick<TestImage, 'top' | 'manifests' | 'blobs'> = {
  top,
  manifests: [top],
  blobs: new Map([
    [layer.digest, bytes],
    [config.digest, empty],
  ]),
}

let registry: ScriptedRegistry
let directory: string
beforeEach(async () => {
  registry = await startScriptedRegistry()
  registry.add('a/b', '1', image)
  directory = mkdtempSync(join(tmpdir(), 'resume-'))
  chmodSync(directory, 0o755)
})
afterEach(async () => {
  await registry[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

const root = (): string => join(directory, 'storage')
const blobFile = (): string => join(root(), 'blobs', layer.digest.replace(':', '/'))
const ranges = (): (string | undefined)[] =>
  registry.requests.filter(({ path }) => path.endsWith(layer.digest)).map(({ headers }) => headers.range)

/** What is on disk of the layer. */
function partial(): string {
  const files = readdirSync(root(), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.includes('ingest/') && name.includes(layer.digest.slice(7)),
  )
  const [file] = files.filter((name) => statSync(join(root(), name)).isFile() && statSync(join(root(), name)).size > 0)
  if (file === undefined) throw new Error(`nothing was taken in: ${files.join(', ')}`)
  return join(root(), file)
}

/** @param killAfter bytes */
function pull(killAfter = Infinity): Promise<string> {
  const program = fileURLToPath(new URL('fixtures/pull-into-storage.ts', import.meta.url))
  const child = fork(program, [`${registry.host}/a/b:1`, root()], {
    execArgv: ['-C', '@podwright/source', '--no-warnings'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  let isDone = false
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.on('message', (message) => {
    if (message === 'done') isDone = true
    else if (Number(message) >= killAfter) child.kill('SIGKILL')
  })
  return new Promise((resolve) => child.on('close', () => resolve(isDone ? 'done' : said || 'killed')))
}

/** Dies in the middle, with the server waiting so that it can't be too late. */
async function die(): Promise<number> {
  registry.intercept('GET', new RegExp(layer.digest), registryFaults.hangAfter(3_000_000))
  expect(await pull(2_000_000)).toBe('killed')
  const kept = statSync(partial()).size
  // But for what was just being written.
  expect(kept).toBeGreaterThanOrEqual(1_000_000)
  return kept
}

const expectWhole = (): void => expect(Buffer.compare(readFileSync(blobFile()), bytes)).toBe(0)

describe('after SIGKILL', () => {
  test('no byte that had reached the disk is fetched again', async () => {
    const kept = await die()
    expect(await pull()).toBe('done')
    expect(ranges()).toEqual([undefined, `bytes=${kept}-`])
    expectWhole()
  })

  test('again and again, each goes on from the one before', async () => {
    const kept = [await die()]
    for (const more of [1, 2]) {
      registry.intercept('GET', new RegExp(layer.digest), registryFaults.trickle(200_000, 20))
      expect(await pull(kept.at(-1)! + more * 600_000)).toBe('killed')
      kept.push(statSync(partial()).size)
    }
    expect(await pull()).toBe('done')
    expect(ranges()).toEqual([undefined, ...kept.map((offset) => `bytes=${offset}-`)])
    expectWhole()
  })

  test('a server that knows no ranges sends it all, and it is right', async () => {
    await die()
    registry.intercept('GET', new RegExp(layer.digest), (_, response) => send(response, 200, { 'content-length': size }, bytes))
    expect(await pull()).toBe('done')
    expectWhole()
  })

  test('a server that begins elsewhere is refused, or it is right', async () => {
    const kept = await die()
    registry.intercept('GET', new RegExp(layer.digest), (_, response) => {
      const start = kept - 1000
      send(response, 206, { 'content-range': `bytes ${start}-${size - 1}/${size}`, 'content-length': size - start }, bytes.subarray(start))
    })
    await pull()
    expect(await pull()).toBe('done')
    expectWhole()
  })

  test('416 begins anew', async () => {
    await die()
    registry.intercept('GET', new RegExp(layer.digest), registryFaults.refuse(416, 'RANGE_INVALID'))
    expect(await pull()).toBe('done')
    expectWhole()
  })

  test.each([
    ['was damaged', (file: string, kept: number) => writeFileSync(file, noise(kept, 9))],
    ['lost its end', (file: string, kept: number) => truncateSync(file, kept - 12_345)],
    ['is of something longer', (file: string) => writeFileSync(file, noise(size + 1, 9))],
  ])('what is on disk and %s does not spoil it', async (_, spoil) => {
    const kept = await die()
    spoil(partial(), kept)
    expect(await pull()).toBe('done')
    expectWhole()
  })

  test('a server whose bytes are others by now is found out, and nothing gets its name', async () => {
    await die()
    registry.blobs.set(layer.digest, noise(size, 5))
    expect(await pull()).toContain('ERR_BLOB_DIGEST')
    expect(existsSync(blobFile())).toBe(false)
    registry.blobs.set(layer.digest, bytes)
    expect(await pull()).toBe('done')
    expectWhole()
  })
})
