import { encodeDocument, isDigest, type ParsedManifest, parseImageConfig, parseImageIndex, parseManifest } from '@podwright/oci'
import { assert, constantFrom, option, property } from 'fast-check'
import { expect, test } from 'vitest'
import { fuzzing, fuzzTimeoutMs, mutatedBytes, outcomeName, outcomeOf } from './fixtures/fuzz.ts'
import { tally } from './fixtures/tally.ts'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`
const descriptor = (mediaType: string, letter: string): object => ({
  mediaType,
  digest: digest(letter),
  size: 1234,
  annotations: { a: 'b' },
})

const manifests = [
  {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', 'a'),
    layers: [
      descriptor('application/vnd.oci.image.layer.v1.tar+gzip', 'b'),
      descriptor('application/vnd.oci.image.layer.v1.tar+zstd', 'c'),
    ],
    subject: descriptor('application/vnd.oci.image.manifest.v1+json', 'd'),
    annotations: { 'org.opencontainers.image.created': '2026-01-01T00:00:00Z' },
  },
  {
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: descriptor('application/vnd.docker.container.image.v1+json', 'a'),
    layers: [{ ...descriptor('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'b'), urls: ['https://example.com/x'] }],
  },
  {
    schemaVersion: 2,
    artifactType: 'application/vnd.example',
    config: { ...descriptor('application/vnd.oci.empty.v1+json', 'a'), data: 'e30=' },
    layers: [],
  },
  { schemaVersion: 1, name: 'a/b', tag: '1', fsLayers: [{ blobSum: digest('a') }], history: [{ v1Compatibility: '{}' }], signatures: [{}] },
]
const indexes = [
  {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      { ...descriptor('application/vnd.oci.image.manifest.v1+json', 'a'), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      {
        ...descriptor('application/vnd.oci.image.manifest.v1+json', 'b'),
        platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0', 'os.features': ['win32k'] },
      },
    ],
    annotations: {},
  },
  { schemaVersion: 2, manifests: [descriptor('application/vnd.docker.distribution.manifest.v2+json', 'c')] },
]
const configs = [
  {
    created: '2026-01-01T00:00:00Z',
    architecture: 'amd64',
    os: 'linux',
    config: {
      User: '0:0',
      ExposedPorts: { '80/tcp': {} },
      Env: ['PATH=/bin'],
      Entrypoint: null,
      Cmd: ['sh'],
      Volumes: { '/data': {} },
      WorkingDir: '/',
      Labels: { a: 'b' },
      Healthcheck: { Test: ['CMD', 'true'], Interval: 30000000000, Retries: 3 },
    },
    rootfs: { type: 'layers', diff_ids: [digest('a'), digest('b')] },
    history: [{ created: '2026-01-01T00:00:00Z', created_by: 'sh', empty_layer: true }],
  },
]

const types = constantFrom(
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json; charset=utf-8',
  'application/json',
  'text/html',
  '',
)

/** What everybody relies on once a document was read. */
function isSound(parsed: ParsedManifest): boolean {
  const descriptors = parsed.kind === 'manifest' ? [parsed.manifest.config, ...parsed.manifest.layers] : parsed.index.manifests
  return descriptors.every(
    ({ digest: found, size, mediaType }) => isDigest(found) && Number.isSafeInteger(size) && size >= 0 && typeof mediaType === 'string',
  )
}

test('manifests and indexes', { timeout: fuzzTimeoutMs }, (context) => {
  const count = tally(context, 'manifests')
  assert(
    property(mutatedBytes([...manifests, ...indexes]), option(types, { nil: undefined }), (bytes, type) => {
      const outcome = outcomeOf(() => parseManifest(bytes, type))
      count(outcomeName(outcome))
      return 'code' in outcome || isSound(outcome.result)
    }),
    fuzzing,
  )
})

test('indexes, where nothing else may stand', { timeout: fuzzTimeoutMs }, (context) => {
  const count = tally(context, 'indexes')
  assert(
    property(mutatedBytes([...indexes, ...manifests]), (bytes) => {
      const outcome = outcomeOf(() => parseImageIndex(bytes))
      count(outcomeName(outcome))
      return 'code' in outcome || Array.isArray(outcome.result.manifests)
    }),
    fuzzing,
  )
})

test('configs', { timeout: fuzzTimeoutMs }, (context) => {
  const count = tally(context, 'configs')
  assert(
    property(mutatedBytes(configs), (bytes) => {
      const outcome = outcomeOf(() => parseImageConfig(bytes))
      count(outcomeName(outcome))
      return 'code' in outcome || (typeof outcome.result.os === 'string' && outcome.result.rootfs.diff_ids.every(isDigest))
    }),
    fuzzing,
  )
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

test('what was read reads the same once it was written', { timeout: fuzzTimeoutMs }, (context) => {
  const count = tally(context, 'manifests')
  assert(
    property(mutatedBytes([...manifests.slice(0, 3), ...indexes]), (bytes) => {
      const outcome = outcomeOf(() => parseManifest(bytes))
      count(outcomeName(outcome))
      if ('code' in outcome) return
      const { result } = outcome
      const document = result.kind === 'manifest' ? result.manifest : result.index
      expect(parseManifest(encodeDocument(document), result.mediaType)).toEqual(result)
    }),
    fuzzing,
  )
})
