import { createHash, type Hash } from 'node:crypto'
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { blobOf, ownArchitecture } from '@podwright/e2e/image'
import { cacheDirectory } from './content.ts'
import { layersOf, type MadeImageName, type Tar } from './recipes.ts'

const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const

/**
 * An image as an OCI layout (https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md) of compressed layers, by the name `1`. It is
 * made the first time, and kept.
 *
 * @returns its directory
 */
export async function imageLayout(name: MadeImageName): Promise<string> {
  const directory = join(cacheDirectory(), 'layouts', name)
  if (existsSync(directory)) return directory
  const unfinished = `${directory}.new`
  rmSync(unfinished, { recursive: true, force: true })
  const blobs = join(unfinished, 'blobs/sha256')
  mkdirSync(blobs, { recursive: true })
  const layers: WrittenLayer[] = []
  for (const layer of layersOf(name)) layers.push(await writeLayer(layer, blobs))
  const put = (mediaType: string, document: object): Descriptor => {
    const { digest, bytes } = blobOf(JSON.stringify(document))
    writeFileSync(join(blobs, digest.replace('sha256:', '')), bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const config = put(types.config, {
    architecture: ownArchitecture,
    os: 'linux',
    config: { Cmd: ['sh'], Env: ['PATH=/usr/bin:/bin'] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  })
  const manifest = put(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config,
    layers: layers.map(({ descriptor }) => descriptor),
  })
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': '1' } }
  writeFileSync(join(unfinished, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }))
  writeFileSync(join(unfinished, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  renameSync(unfinished, directory)
  return directory
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

interface WrittenLayer {
  readonly diffId: string
  readonly descriptor: Descriptor
}

async function writeLayer(tar: Tar, blobs: string): Promise<WrittenLayer> {
  const [outer, inner] = [createHash('sha256'), createHash('sha256')]
  const path = join(blobs, 'layer.new')
  let size = 0
  const count = (length: number): void => void (size += length)
  await pipeline(Readable.from(tar), hashing(inner), createGzip(), hashing(outer, count), createWriteStream(path))
  const hex = outer.digest('hex')
  renameSync(path, join(blobs, hex))
  return { diffId: `sha256:${inner.digest('hex')}`, descriptor: { mediaType: types.layer, digest: `sha256:${hex}`, size } }
}

type Pass = (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>

function hashing(hash: Hash, onBytes: (length: number) => void = () => {}): Pass {
  return async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk)
      onBytes(chunk.length)
      yield chunk
    }
  }
}
