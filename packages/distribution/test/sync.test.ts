import { copyImage, createTransports, formatImageName, syncImages, syncPairs, type SyncProgress } from '@podwright/distribution'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DockerRegistry, dockerRegistryMissing, startDockerRegistry } from './fixtures/docker-registry.ts'
import { noise, testImage, testIndex } from './fixtures/image.ts'
import { memorySource } from './fixtures/memory-image.ts'
import { all, allTransports, useDirectory } from './fixtures/places.ts'

const at = useDirectory()
const transports = allTransports()
const one = testImage({ layers: [noise(50_000)] })
const two = testImage({ layers: [noise(50_000), noise(10, 2)] })
const index = testIndex([[{ os: 'linux', architecture: 'amd64' }, two]])

describe.skipIf(dockerRegistryMissing)('a registry', () => {
  let registry: DockerRegistry
  const put = async (what: typeof one, name: string): Promise<void> => {
    await using destination = await transports.openDestination(`docker://${registry.host}/${name}`)
    await copyImage(memorySource(what), destination, { platforms: 'all' })
  }
  beforeAll(async () => {
    registry = await startDockerRegistry()
    await put(one, 'team/app:1')
    await put(index, 'team/app:2')
    await put(two, 'team/app:latest')
  })
  afterAll(() => registry[Symbol.asyncDispose]())

  test('is synced into directories, and those into another place of it', async () => {
    const down = await syncImages(transports, syncPairs(transports, `docker://${registry.host}/team/app`, `dir:${at()}`), {
      platforms: 'all',
    })
    expect(down.copied.map(({ pair }) => formatImageName(pair.destination)).toSorted()).toEqual(
      ['1', '2', 'latest'].map((tag) => `dir:${at('app')}:${tag}`),
    )
    const up = await syncImages(transports, syncPairs(transports, `dir:${at()}`, `docker://${registry.host}/mirror`), { platforms: 'all' })
    expect(up.copied.map(({ pair }) => formatImageName(pair.destination))).toEqual(
      ['1', '2', 'latest'].map((tag) => `docker://${registry.host}/mirror/app:${tag}`),
    )
    expect(up.copied.map(({ result }) => result?.committed.digest)).toEqual([one, index, two].map(({ top }) => top.descriptor.digest))
    // Once more: nothing is sent.
    const events: SyncProgress[] = []
    const again = syncPairs(transports, `dir:${at()}`, `docker://${registry.host}/mirror`)
    await syncImages(transports, again, { platforms: 'all', onProgress: (event) => events.push(event) })
    expect(events.filter(({ type }) => type === 'blob:start')).toEqual([])
    expect(events.filter(({ type }) => type === 'sync:copied')).toHaveLength(3)
  })

  test.each([
    ['one tag', 'team/app:1', {}, ['app:1']],
    ['tags of a list', 'team/app', { tags: ['2', 'none'] }, ['app:2']],
    ['tags of a pattern', 'team/app', { tags: /^\d$/ }, ['app:1', 'app:2']],
  ])('is synced in part: %s', async (_, name, options, expected) => {
    const pairs = await all(syncPairs(transports, `docker://${registry.host}/${name}`, 'docker://mirror.test:5000', options))
    expect(pairs.map(({ destination }) => formatImageName(destination)).toSorted()).toEqual(
      expected.map((path) => `docker://mirror.test:5000/${path}`),
    )
  })

  test('is synced with whole names', async () => {
    const [pair] = await all(syncPairs(transports, `docker://${registry.host}/team/app:1`, 'dir:/mirror', { scoped: true }))
    expect(formatImageName(pair!.destination)).toBe(`dir:/mirror/${registry.host}/team/app:1`)
  })

  test('goes on over what fails when it is told to, and tells in the end', async () => {
    const pairs = ['1', 'no', '2'].map((tag) => ({
      source: transports.parse(`docker://${registry.host}/team/app:${tag}`),
      destination: transports.parse(`oci:${at('l')}:${tag}`),
    }))
    await expect(syncImages(transports, pairs)).rejects.toMatchObject({ code: 'ERR_REGISTRY_NOT_FOUND' })
    await expect(syncImages(transports, pairs, { keepGoing: true })).rejects.toMatchObject({
      code: 'ERR_SYNC_INCOMPLETE',
      message: expect.stringContaining('1 of 3 images'),
      details: { report: { copied: [{}, {}], failed: [{ error: { code: 'ERR_REGISTRY_NOT_FOUND' } }] } },
    })
    expect((await all(transports.list(`oci:${at('l')}`))).map(({ name }) => name)).toEqual(['1', '2'])
  })

  test('is listed and deleted from by name', async () => {
    await put(testImage({ layers: [noise(3, 3)] }), 'team/gone:x')
    expect((await all(transports.list(`docker://${registry.host}/team/gone`))).map(({ name }) => name)).toEqual(['x'])
    await transports.delete(`docker://${registry.host}/team/gone:x`)
    expect(await all(transports.list(`docker://${registry.host}/team/gone`)).catch(() => [])).toEqual([])
  })
})

test('a dry run reads and writes nothing', async () => {
  const pairs = [{ source: { transport: 'dir', text: '/nowhere' }, destination: { transport: 'dir', text: at('x') } }]
  const report = await syncImages(createTransports([]), pairs, { dryRun: true })
  expect(report.copied).toEqual([{ pair: pairs[0], result: undefined }])
})

test.each([
  ['oci:x', 'dir:y'],
  ['docker://a/b:1', 'oci:y'],
  ['docker://a.test/b:1', 'docker://a.test/b:1'],
])('from %s to %s is refused', async (source, destination) => {
  await expect(all(syncPairs(transports, source, destination))).rejects.toMatchObject({ code: 'ERR_TRANSPORT_UNSUPPORTED' })
})
