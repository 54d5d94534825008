import { createTarWriter } from '@podwright/archive'
import type { BlobStream, ImageSource, ManifestRecord } from '@podwright/contracts'
import { type Descriptor, describe, type Digest, digestOf, encodeDocument, type ImageConfig, mediaTypes } from '@podwright/oci'
import { assembleHello, type HelloArchitecture } from './executable.ts'
import { helloName } from './name.ts'

/** A fixed date makes the same digests on every machine. */
const created = '2026-01-01T00:00:00Z'

/**
 * The embedded image as a source to copy from: an OCI index of two platforms, each with one layer that holds one static executable. It is
 * assembled anew each time; nothing is read from disk or from a network.
 */
export function openHelloSource(): ImageSource {
  const contents = new Map<Digest, Uint8Array>()
  const keep = (bytes: Uint8Array, mediaType: string): Descriptor => {
    const descriptor = describe(bytes, mediaType)
    contents.set(descriptor.digest, bytes)
    return descriptor
  }
  const manifests: Descriptor[] = []
  for (const architecture of ['amd64', 'arm64'] as const) {
    const manifest = keepPlatform(architecture, keep)
    manifests.push({ ...manifest, platform: { os: 'linux', architecture } })
  }
  const top = keep(encodeDocument({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }), mediaTypes.ociIndex)
  return memorySource(`embedded:${helloName}`, top, contents)
}

function keepPlatform(architecture: HelloArchitecture, keep: (bytes: Uint8Array, mediaType: string) => Descriptor): Descriptor {
  const layer = createTarWriter().add({ name: 'hello', mode: 0o755 }, assembleHello(architecture)).finish()
  const config: ImageConfig = {
    created,
    os: 'linux',
    architecture,
    config: { Entrypoint: ['/hello'], Env: ['PATH=/'], WorkingDir: '/', Labels: { 'org.opencontainers.image.title': 'hello' } },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    history: [{ created, created_by: 'podwright', comment: 'assembled by podwright' }],
  }
  return keep(
    encodeDocument({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: keep(encodeDocument(config), mediaTypes.ociConfig),
      layers: [keep(layer, mediaTypes.ociLayer)],
    }),
    mediaTypes.ociManifest,
  )
}

function memorySource(reference: string, top: Descriptor, contents: ReadonlyMap<Digest, Uint8Array>): ImageSource {
  const read = (digest: Digest): Uint8Array => {
    const bytes = contents.get(digest)
    if (bytes === undefined) throw new Error(`${reference} has no ${digest}`)
    return bytes
  }
  return {
    reference,
    manifest: (digest = top.digest): Promise<ManifestRecord> => {
      const bytes = read(digest)
      const mediaType = digest === top.digest ? top.mediaType : mediaTypes.ociManifest
      return Promise.resolve({ descriptor: describe(bytes, mediaType), bytes })
    },
    openBlob: (descriptor, { offset = 0 } = {}): Promise<BlobStream> =>
      Promise.resolve({ offset, chunks: oneChunk(read(descriptor.digest).subarray(offset)) }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}
