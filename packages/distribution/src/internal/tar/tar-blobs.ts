import type { OpenBlob, PutBlobOptions, PutStreamOptions } from '@podwright/contracts'
import { createDigester, type Descriptor, type Digest, digestAlgorithm, loadDigestAlgorithm } from '@podwright/oci'
import { requireDigest } from '../files/blob-files.ts'
import { verifiedChunks } from '../verified-chunks.ts'
import type { TarFile } from './tar-file.ts'

/** Blobs in a tar, each once. */
export interface TarBlobs {
  sizeOf(digest: Digest): number | undefined
  put(descriptor: Descriptor, open: OpenBlob, options: PutBlobOptions): Promise<void>
  putBytes(descriptor: Descriptor, bytes: Uint8Array): Promise<void>
  putStream(chunks: AsyncIterable<Uint8Array>, options: PutStreamOptions): Promise<Pick<Descriptor, 'digest' | 'size'>>
}

/** @param nameOf the member that has a blob */
export function createTarBlobs(tar: TarFile, reference: string, nameOf: (digest: Digest) => string): TarBlobs {
  const sizes = new Map<Digest, number>()
  return {
    sizeOf: (digest) => sizes.get(digest),
    put: async (descriptor, open, options) => {
      await loadDigestAlgorithm(digestAlgorithm(descriptor.digest))
      const operation = `write the blob ${descriptor.digest} to ${reference}`
      const chunks = verifiedChunks(descriptor, open, operation, { ...options, transient: true })
      await tar.add(chunks, () => nameOf(descriptor.digest), options.signal)
      sizes.set(descriptor.digest, descriptor.size)
    },
    putBytes: async ({ digest, size }, bytes) => {
      if (sizes.has(digest)) return
      await tar.add([bytes], () => nameOf(digest))
      sizes.set(digest, size)
    },
    putStream: async (chunks, { expected, signal }) => {
      const known = expected === undefined ? undefined : sizes.get(expected)
      if (expected !== undefined && known !== undefined) return { digest: expected, size: known }
      const digester = createDigester()
      let result: Pick<Descriptor, 'digest' | 'size'> | undefined
      const finished = (size: number): string => {
        const digest = digester.digest()
        requireDigest(digest, expected, reference)
        result = { digest, size }
        return nameOf(digest)
      }
      await tar.add(
        watch(chunks, (chunk) => digester.update(chunk)),
        finished,
        signal,
      )
      sizes.set(result!.digest, result!.size)
      return result!
    },
  }
}

async function* watch(chunks: AsyncIterable<Uint8Array>, see: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    see(chunk)
    yield chunk
  }
}
