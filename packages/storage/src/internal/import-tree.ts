import { type Compression, decompress, detectCompression } from '@podwright/archive'
import type { ImportTreeOptions, StoredImage } from '@podwright/contracts'
import { createDigester, hostPlatform, mediaTypes } from '@podwright/oci'
import { createReadStream } from 'node:fs'
import { makeLease } from './leases.ts'
import { newBlobOf } from './new-blob.ts'
import { emptyBase, makeImage } from './new-image.ts'
import type { Store } from './store.ts'

const layerTypes: Readonly<Record<Compression, string>> = {
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
}

/** Makes an image of one layer, which is kept as it came. */
export async function importTree(store: Store, tar: AsyncIterable<Uint8Array>, options: ImportTreeOptions): Promise<StoredImage> {
  await store.driver()
  await using lease = await makeLease(store, { signal: options.signal })
  const first = new FirstBytes(tar)
  const { digest, size } = await newBlobOf(store, lease, first.chunks(), options)
  const compression = detectCompression(first.bytes) ?? 'none'
  const diffId = compression === 'none' ? digest : await diffIdOf(store.paths.blob(digest), compression, options)
  const base = emptyBase(options.platform ?? hostPlatform())
  return await makeImage(store, base, { diffId, blob: { mediaType: layerTypes[compression], digest, size } }, options)
}

/** Passes a stream on, and keeps what it begins with. */
class FirstBytes {
  bytes: Uint8Array = new Uint8Array()
  readonly #input: AsyncIterable<Uint8Array>

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#input = input
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#input) {
      if (this.bytes.byteLength < 8) this.bytes = Buffer.concat([this.bytes, chunk.subarray(0, 8)])
      yield chunk
    }
  }
}

async function diffIdOf(path: string, compression: Compression, { signal }: ImportTreeOptions): Promise<`sha256:${string}`> {
  const digester = createDigester()
  for await (const chunk of decompress(createReadStream(path, { highWaterMark: 2 ** 18 }), compression, { signal })) digester.update(chunk)
  return digester.digest() as `sha256:${string}`
}
