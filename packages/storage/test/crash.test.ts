import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contents, empty } from './fixtures/assertions.ts'
import { crashImage } from './fixtures/crash-image.ts'
import { endNamespaces, hostExecutor, whyNoNamespace } from './fixtures/host.ts'
import { scratch } from './fixtures/scratch.ts'

const name = 'example.org/crash:1'
const image = crashImage()
const totalBytes = [image.config, ...image.layers].reduce((sum, { size }) => sum + size, 0)

using place = scratch()
const skip = await whyNoNamespace(hostExecutor(join(place.path, 'probe.state')))
await endNamespaces(join(place.path, 'probe.state'))
if (skip !== undefined) process.stderr.write(`skipped, kill -9 of a pull: ${skip}\n`)

function pull(root: string, pauseMs = 0): ChildProcess {
  return fork(join(import.meta.dirname, 'fixtures/pull.ts'), [root, `${pauseMs}`], { execArgv: ['-C', '@podwright/source'] })
}

/** Kills a pull when it has told `step` so many times. */
async function killAt(root: string, step: string, times: number): Promise<void> {
  const child = pull(root)
  let told = 0
  child.on('message', (message) => {
    if (message === step) told += 1
    if (told === times) child.kill('SIGKILL')
  })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect([step, signal]).toEqual([step, 'SIGKILL'])
}

/** Runs a pull to its end; the bytes that it fetched. */
async function fetchedBy(root: string): Promise<number> {
  const child = pull(root)
  const steps: string[] = []
  child.on('message', (message) => steps.push(String(message)))
  await once(child, 'exit')
  return Number(steps.at(-1)?.match(/^fetched (\d+)$/)?.[1] ?? Number.NaN)
}

/** One moment of each kind; the long lane has more. */
const moments: readonly (readonly [step: string, times: number])[] = [
  ['blob:progress', 30],
  ['layer:unpack', 1],
  ['layer:complete', 1],
  ['put', 1],
]
const moreMoments: typeof moments = [
  ['opened', 1],
  ['blob:complete', 2],
  ['layer:complete', 2],
]
/** Of the image that is pulled. */
const layerCount = 2
const isLong = process.env['PODWRIGHT_CRASH_ROUNDS'] !== undefined

describe.skipIf(skip !== undefined)('a pull that is killed', () => {
  test.each(isLong ? [...moments, ...moreMoments] : moments)(
    'at %s, the %ith, loses no byte that had come',
    { timeout: 60_000 },
    async (step, times) => {
      using scratchPlace = scratch()
      const root = join(scratchPlace.path, 'root')
      const state = `${root}.state`
      await killAt(root, step, times)
      {
        await using storage = await scratchPlace.open({}, { namespace: hostExecutor(state) })
        // The signal may come when the last layer is followed by all that was left to do.
        if (step !== 'layer:complete' || times < layerCount) expect(storage.listImages()).toEqual([])
        await storage.collectGarbage()
      }
      const onDisk = bytesOnDisk(root)
      expect(await fetchedBy(root)).toBe(totalBytes - onDisk)
      await using storage = await scratchPlace.open({}, { namespace: hostExecutor(state) })
      const { rootfs } = await storage.prepareSnapshot('k', { image: storage.findImage(name)?.id })
      expect(readdirSync(rootfs).map((directory) => readdirSync(join(rootfs, directory)).length)).toEqual([550, 550])
      await storage.removeSnapshot('k')
      await storage.removeName(name)
      await storage.collectGarbage({ minAgeMs: 0 })
      expect(contents(root)).toEqual(empty)
      await endNamespaces(state)
    },
  )

  test('while another one waits, leaves its work to that one', { timeout: 60_000 }, async () => {
    using scratchPlace = scratch()
    const root = join(scratchPlace.path, 'root')
    const first = pull(root, 20)
    await once(first, 'message')
    const second = fetchedBy(root)
    first.on('message', (message) => void (message === 'blob:progress' && setTimeout(() => first.kill('SIGKILL'), 300)))
    await once(first, 'exit')
    expect(await second).toBeLessThan(totalBytes)
    await using storage = await scratchPlace.open()
    expect(storage.findImage(name)?.id).toBe(image.config.digest)
    await endNamespaces(`${root}.state`)
  })
})

test('several pulls of the same image fetch it once', { timeout: 60_000, skip: skip !== undefined }, async () => {
  using scratchPlace = scratch()
  const root = join(scratchPlace.path, 'root')
  const fetched = await Promise.all([fetchedBy(root), fetchedBy(root), fetchedBy(root)])
  expect(fetched.reduce((sum, bytes) => sum + bytes)).toBe(totalBytes)
  await endNamespaces(`${root}.state`)
})

/** Of what a pull fetches. */
function bytesOnDisk(root: string): number {
  const wanted = new Map([image.config, ...image.layers].map(({ digest, size }) => [digest, size]))
  const partial = readdirSync(join(root, 'ingest')).filter((file) => file.startsWith('sha256-'))
  const bytes = partial
    .filter((file) => wanted.has(`sha256:${file.slice(7)}`))
    .map((file) => readFileSync(join(root, 'ingest', file)).byteLength)
  const whole = readdirSync(join(root, 'blobs')).flatMap((algorithm) =>
    readdirSync(join(root, 'blobs', algorithm)).map((hex) => `sha256:${hex}`),
  )
  return [...bytes, ...whole.map((digest) => wanted.get(digest as `sha256:${string}`) ?? 0)].reduce((sum, size) => sum + size, 0)
}
