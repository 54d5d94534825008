import {
  createRegistryClient,
  createRegistrySource,
  emptyRegistriesConfig,
  type RegistriesConfig,
  type RegistryClient,
  resolveImage,
} from '@podwright/distribution'
import { parseReference } from '@podwright/oci'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testImage } from './fixtures/image.ts'
import { scriptedClock } from './fixtures/scripted-clock.ts'
import { refuse, type ScriptedRegistry, startScriptedRegistry } from './fixtures/scripted-registry.ts'

const image = testImage()
let one: ScriptedRegistry
let two: ScriptedRegistry
let client: RegistryClient

beforeEach(async () => {
  one = await startScriptedRegistry()
  two = await startScriptedRegistry()
  client = createRegistryClient({ clock: scriptedClock() }, { tlsVerify: false, retries: 1 })
})
afterEach(async () => {
  await client[Symbol.asyncDispose]()
  await one[Symbol.asyncDispose]()
  await two[Symbol.asyncDispose]()
})

const names = (): ReturnType<typeof parseReference>[] => [one, two].map(({ host }) => parseReference(`${host}/a/b:1`))

test('the first name that leads to an image is taken', async () => {
  two.add('a/b', '1', image)
  const asked: string[] = []
  const found = await resolveImage({ client }, names(), { onCandidate: ({ registry }) => asked.push(registry) })
  expect(found.reference).toEqual(names()[1])
  expect(found.manifest.descriptor).toEqual(image.top.descriptor)
  expect(asked).toEqual([one.host, two.host])
  expect(await found.source.manifest()).toBe(found.manifest)
})

test('none is an error with the reason of each', async () => {
  one.intercept('GET', /manifests/, (_, response) => refuse(response, 403, 'DENIED'), 9)
  await expect(resolveImage({ client }, names())).rejects.toMatchObject({
    code: 'ERR_IMAGE_NOT_RESOLVED',
    details: { candidates: [{ code: 'ERR_REGISTRY_DENIED' }, { code: 'ERR_REGISTRY_NOT_FOUND' }] },
  })
  await expect(resolveImage({ client }, names().slice(1))).rejects.toMatchObject({ code: 'ERR_REGISTRY_NOT_FOUND' })
})

function mirrored(): RegistriesConfig {
  const mirrors = [{ location: one.host, insecure: true, pullFrom: 'all' as const }]
  const rule = { prefix: two.host, location: two.host, insecure: true, blocked: false, mirrorByDigestOnly: false, mirrors }
  return { ...emptyRegistriesConfig, registries: [rule] }
}

test('a mirror is asked first, and again for what belongs to the image', async () => {
  one.add('a/b', '1', image)
  const source = createRegistrySource({ client }, names()[1]!, { config: mirrored() })
  await source.manifest()
  await source.openBlob(image.layers[0]!)
  expect(two.requests).toHaveLength(0)
})

test('what a mirror has not is at the registry', async () => {
  two.add('a/b', '1', image)
  const source = createRegistrySource({ client }, names()[1]!, { config: mirrored() })
  await source.manifest()
  const before = one.requests.length
  await source.openBlob(image.layers[0]!)
  expect(one.requests).toHaveLength(before)
})

test('a mirror that fails later is passed by', async () => {
  one.add('a/b', '1', image)
  two.add('a/b', '1', image)
  const source = createRegistrySource({ client }, names()[1]!, { config: mirrored() })
  await source.manifest()
  one.blobs.clear()
  const { chunks } = await source.openBlob(image.layers[0]!)
  for await (const _ of chunks);
  expect(two.requests.at(-1)?.path).toContain(image.layers[0]!.digest)
})

/** What is typed, and what an endpoint is called in messages. */
const typed = 'typed.example/team/b:1'

function rewritten(location: string, mirrors: readonly string[] = []): RegistriesConfig {
  const rule = { prefix: 'typed.example/team', location, insecure: true, blocked: false, mirrorByDigestOnly: false }
  return {
    ...emptyRegistriesConfig,
    registries: [{ ...rule, mirrors: mirrors.map((mirror) => ({ location: mirror, insecure: true, pullFrom: 'all' as const })) }],
  }
}

const nobody = '127.0.0.1:1/mirror'

test('an error has the name that was typed, and where it was asked for', async () => {
  const source = createRegistrySource({ client }, parseReference(typed), { config: rewritten(`${two.host}/a`) })
  await expect(source.manifest()).rejects.toMatchObject({
    code: 'ERR_REGISTRY_NOT_FOUND',
    message: expect.stringContaining(`cannot read the manifest of ${typed} at ${two.host}/a/b: it is not there, HTTP 404`),
    details: { registry: two.host, repository: 'a/b' },
  })
  two.add('a/b', '1', image)
  await source.manifest()
  two.blobs.clear()
  const layer = image.layers[0]!
  await expect(source.openBlob(layer)).rejects.toThrow(`cannot read the blob typed.example/team/b@${layer.digest} at ${two.host}/a/b: `)
})

test('so has one of a place that is not reached', async () => {
  const source = createRegistrySource({ client }, parseReference(typed), { config: rewritten(nobody) })
  await expect(source.manifest()).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNREACHABLE',
    message: `cannot read the manifest of ${typed} at ${nobody}/b: cannot reach 127.0.0.1:1: connection refused`,
  })
})

test('when every mirror and the location fail, each is told of', async () => {
  const source = createRegistrySource({ client }, parseReference(typed), { config: rewritten(`${two.host}/a`, [nobody, `${one.host}/a`]) })
  const failure: unknown = await source.manifest().catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'ERR_REGISTRY_NOT_FOUND', details: { registry: two.host } })
  const [last = '', before = ''] = String(failure).split('. Tried before: ')
  expect(last).toContain(`cannot read the manifest of ${typed} at ${two.host}/a/b: it is not there`)
  expect(before).toContain(
    `at ${nobody}/b: cannot reach 127.0.0.1:1: connection refused; cannot read the manifest of ${typed} at ${one.host}/a/b: `,
  )
})
