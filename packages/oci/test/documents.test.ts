import {
  describe as describeBytes,
  digestOf,
  encodeDocument,
  mediaTypes,
  parseImageConfig,
  parseImageIndex,
  parseManifest,
} from '@podwright/oci'
import { describe, expect, test } from 'vitest'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const digest = digestOf(text(''))
const config = { mediaType: mediaTypes.ociConfig, digest, size: 2 }
const layer = { mediaType: mediaTypes.ociLayerGzip, digest, size: 3 }
const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [layer] }
const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [{ ...config, mediaType: mediaTypes.ociManifest }] }

describe('parseManifest', () => {
  test('reads a manifest', () => {
    expect(parseManifest(encodeDocument(manifest))).toEqual({ kind: 'manifest', manifest, mediaType: mediaTypes.ociManifest })
  })

  test('reads an index', () => {
    expect(parseManifest(encodeDocument(index))).toEqual({ kind: 'index', index, mediaType: mediaTypes.ociIndex })
    expect(parseImageIndex(encodeDocument(index))).toEqual(index)
  })

  test.each([
    ['what it says of itself', { ...manifest, mediaType: mediaTypes.dockerManifest }, undefined, mediaTypes.dockerManifest],
    ['what it came as', { ...manifest, mediaType: undefined }, mediaTypes.ociManifest, mediaTypes.ociManifest],
    ['what it came as, with parameters', manifest, `${mediaTypes.ociManifest}; charset=utf-8`, mediaTypes.ociManifest],
    [
      'its config',
      { ...manifest, mediaType: undefined, config: { ...config, mediaType: mediaTypes.dockerConfig } },
      undefined,
      mediaTypes.dockerManifest,
    ],
    ['its shape', { ...index, mediaType: undefined }, 'application/json', mediaTypes.ociIndex],
    ['its shape, sent as text', { ...manifest, mediaType: undefined }, 'text/plain', mediaTypes.ociManifest],
  ])('its type is told by %s', (_, document, expected, mediaType) => {
    expect(parseManifest(encodeDocument(document), expected).mediaType).toBe(mediaType)
  })

  test('null is absence, as Go writes it', () => {
    const document = { ...manifest, annotations: null, subject: null, layers: null, config: { ...config, urls: null } }
    expect(parseManifest(encodeDocument(document))).toEqual({
      kind: 'manifest',
      manifest: { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [] },
      mediaType: mediaTypes.ociManifest,
    })
  })

  test('a key called __proto__ is a key', () => {
    const bytes = text(`{"schemaVersion":2,"manifests":[],"annotations":{"__proto__":"x"}}`)
    const parsed = parseManifest(bytes)
    expect(parsed.kind === 'index' && Object.getOwnPropertyNames(parsed.index.annotations)).toEqual(['__proto__'])
  })

  test.each([
    ['nothing', text(''), undefined, 'ERR_DOCUMENT_INVALID', /not JSON/],
    ['HTML', text('<html>'), undefined, 'ERR_DOCUMENT_INVALID', /not JSON.*<html>/],
    ['an array', text('[]'), undefined, 'ERR_DOCUMENT_INVALID', /an array, not an object/],
    ['no keys', text('{}'), undefined, 'ERR_DOCUMENT_INVALID', /neither a media type/],
    ['invalid UTF-8', Uint8Array.of(0x7b, 0xff), undefined, 'ERR_DOCUMENT_INVALID', /UTF-8/],
    ['5 MiB', new Uint8Array(5 * 1024 * 1024), undefined, 'ERR_DOCUMENT_TOO_LARGE', /5242880 bytes/],
    ['schema 1', encodeDocument({ schemaVersion: 1, fsLayers: [] }), undefined, 'ERR_MANIFEST_SCHEMA1', /schema 1/],
    ['schema 1 by type', encodeDocument(manifest), mediaTypes.dockerManifestV1Signed, 'ERR_MANIFEST_SCHEMA1', /schema 1/],
    ['schema 3', encodeDocument({ ...manifest, schemaVersion: 3 }), undefined, 'ERR_DOCUMENT_INVALID', /schemaVersion is 3/],
    [
      'an unknown type',
      encodeDocument({ ...manifest, mediaType: 'application/x' }),
      undefined,
      'ERR_MANIFEST_TYPE_UNKNOWN',
      /application\/x/,
    ],
    ['served as an unknown type', encodeDocument(manifest), 'text/html', 'ERR_MANIFEST_TYPE_UNKNOWN', /text\/html/],
    ['served as another type', encodeDocument(manifest), mediaTypes.ociIndex, 'ERR_DOCUMENT_AMBIGUOUS', /calls itself/],
    ['a manifest with manifests', encodeDocument({ ...manifest, manifests: [] }), undefined, 'ERR_DOCUMENT_AMBIGUOUS', /"manifests"/],
    ['an index with layers', encodeDocument({ ...index, layers: [] }), undefined, 'ERR_DOCUMENT_AMBIGUOUS', /"layers"/],
    [
      'both, with no type',
      encodeDocument({ ...index, ...manifest, mediaType: undefined }),
      undefined,
      'ERR_DOCUMENT_AMBIGUOUS',
      /"layers"/,
    ],
    ['no config', encodeDocument({ ...manifest, config: undefined }), undefined, 'ERR_DOCUMENT_INVALID', /config is missing/],
    [
      'a bad digest',
      encodeDocument({ ...manifest, layers: [layer, { ...layer, digest: 'sha256:../..' }] }),
      undefined,
      'ERR_DIGEST_INVALID',
      /layers\[1\]\.digest/,
    ],
    [
      'a bad size',
      encodeDocument({ ...manifest, layers: [{ ...layer, size: -1 }] }),
      undefined,
      'ERR_DOCUMENT_INVALID',
      /layers\[0\]\.size is -1/,
    ],
    [
      'a fractional size',
      encodeDocument({ ...manifest, config: { ...config, size: 0.5 } }),
      undefined,
      'ERR_DOCUMENT_INVALID',
      /config\.size/,
    ],
    [
      'text for a list',
      encodeDocument({ ...manifest, layers: 'x' }),
      undefined,
      'ERR_DOCUMENT_INVALID',
      /layers is a string, not an array/,
    ],
    ['a list for a map', encodeDocument({ ...manifest, annotations: ['x'] }), undefined, 'ERR_DOCUMENT_INVALID', /annotations is an array/],
  ])('refuses %s', (_, bytes, expected, code, message) => {
    expect(() => parseManifest(bytes, expected)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })

  test('a manifest is no index', () => {
    expect(() => parseImageIndex(encodeDocument({ ...manifest, mediaType: undefined }), '')).toThrow(
      /it is a application\/vnd.oci.image.manifest/,
    )
  })
})

test('of millions of mistakes the first is told', () => {
  const bytes = text(`{"schemaVersion":2,"config":${JSON.stringify(config)},"layers":[${'0,'.repeat(2_000_000)}0]}`)
  expect(() => parseManifest(bytes)).toThrow(/layers\[0\] is a number, not an object/)
})

describe('parseImageConfig', () => {
  test('reads what Go writes', () => {
    const bytes = text(
      `{"architecture":"amd64","os":"linux","config":{"Env":["A=b"],"Entrypoint":null,"Cmd":["sh"],"Volumes":{"/data":null},"Labels":{"a":"b"},"Healthcheck":{"Test":["CMD","x"],"Interval":1000000000},"Unknown":1},"rootfs":{"type":"layers","diff_ids":["${digest}"]},"history":[{"created":"2024-01-01T00:00:00Z","empty_layer":true}],"container":"x"}`,
    )
    expect(parseImageConfig(bytes)).toEqual({
      architecture: 'amd64',
      os: 'linux',
      config: {
        Env: ['A=b'],
        Cmd: ['sh'],
        Volumes: { '/data': {} },
        Labels: { a: 'b' },
        Healthcheck: { Test: ['CMD', 'x'], Interval: 1_000_000_000 },
      },
      rootfs: { type: 'layers', diff_ids: [digest] },
      history: [{ created: '2024-01-01T00:00:00Z', empty_layer: true }],
    })
  })

  test('reads one that says next to nothing', () => {
    expect(parseImageConfig(text(`{"rootfs":{}}`))).toEqual({ os: '', architecture: '', rootfs: { type: 'layers', diff_ids: [] } })
  })

  test.each([
    [`{}`, /rootfs is missing/],
    [`{"rootfs":{"type":"base"}}`, /rootfs\.type is "base"/],
    [`{"rootfs":{},"config":{"Cmd":"sh"}}`, /config\.Cmd is a string, not an array/],
    [`{"rootfs":{},"config":{"Env":[1]}}`, /config\.Env\[0\] is a number/],
    [`null`, /null, not an object/],
  ])('refuses %s', (json, message) => {
    expect(() => parseImageConfig(text(json))).toThrow(expect.objectContaining({ message: expect.stringMatching(message) }))
  })
})

test('describe and encodeDocument fit together', () => {
  const bytes = encodeDocument({ b: 1, a: 'ü' })
  expect(new TextDecoder().decode(bytes)).toBe('{"b":1,"a":"ü"}')
  expect(describeBytes(bytes, 'x/y')).toEqual({ mediaType: 'x/y', digest: digestOf(bytes), size: bytes.byteLength })
})
