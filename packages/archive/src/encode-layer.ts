import type { Digest } from '@podwright/oci'
import { createHash, type Hash } from 'node:crypto'
import { compress, type CompressOptions } from './compress.ts'
import type { Compression } from './compression.ts'
import type { ByteSource } from './entry.ts'

/** What an image's documents say of a layer. */
export interface LayerDigests {
  /** sha256 of the uncompressed tar: for the config's `rootfs.diff_ids`. */
  readonly diffId: Digest
  /** Length of the uncompressed tar. */
  readonly tarBytes: number
  /** sha256 of the blob: for the manifest's descriptor. */
  readonly digest: Digest
  /** Length of the blob. */
  readonly sizeBytes: number
}

/** A layer's blob, made while it is read, once. */
export interface EncodedLayer extends AsyncIterable<Uint8Array> {
  /** @throws TypeError while the blob is not read to its end. */
  digests(): LayerDigests
}

/**
 * Makes the blob of a new layer from its uncompressed tar: compresses, and has both digests at the end, in one pass.
 *
 * @throws while it is read: ERR_ARCHIVE_COMPRESSION_UNAVAILABLE, what the tar throws, and `signal.reason`.
 */
export function encodeLayer(tar: ByteSource, compression: Compression, options: CompressOptions = {}): EncodedLayer {
  const inside = new Counted()
  const outside = new Counted()
  return {
    async *[Symbol.asyncIterator]() {
      yield* outside.watch(compress(inside.watch(tar), compression, options))
    },
    digests: () => {
      const [tarSum, blobSum] = [inside.sum(), outside.sum()]
      return { diffId: tarSum.digest, tarBytes: tarSum.bytes, digest: blobSum.digest, sizeBytes: blobSum.bytes }
    },
  }
}

/** Bytes that are hashed and counted as they go by. */
class Counted {
  readonly #hash: Hash = createHash('sha256')
  #bytes = 0
  #digest: Digest | undefined

  async *watch(input: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of input) {
      this.#hash.update(chunk)
      this.#bytes += chunk.length
      yield chunk
    }
    this.#digest = `sha256:${this.#hash.digest('hex')}`
  }

  sum(): { readonly digest: Digest; readonly bytes: number } {
    if (this.#digest === undefined) throw new TypeError('the layer has no digests before it is read to its end')
    return { digest: this.#digest, bytes: this.#bytes }
  }
}
