import type { AbortOptions } from '@podwright/conventions'
import type { Lease } from '@podwright/contracts'
import { lockFile } from '@podwright/linux'
import { createDigester, type Descriptor } from '@podwright/oci'
import { fsync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { syncParent } from './durable-files.ts'
import { fullOr, requireSpace } from './free-space.ts'
import { ingestBlob } from './ingest.ts'
import { holdItems } from './leases.ts'
import type { Store } from './store.ts'
import { writeAll } from './write-behind.ts'

const syncDescriptor = promisify(fsync)

/** What a blob turned out to be. */
export type BlobFacts = Pick<Descriptor, 'digest' | 'size'>

/**
 * Makes a blob that nobody knows the digest of before: `write` fills an empty file and says what it has come to. The lease holds the blob before it
 * gets its name.
 */
export async function newBlob(
  store: Store,
  lease: Lease,
  write: (file: { readonly path: string; readonly fd: number }) => Promise<BlobFacts>,
  options: AbortOptions,
): Promise<BlobFacts> {
  const lock = await lockFile(store.paths.newIngest(), { signal: options.signal, clock: store.clock })
  try {
    const facts = await write(lock)
    await holdItems(store, lease, [['blob', facts.digest]], options)
    const path = store.paths.blob(facts.digest)
    await syncDescriptor(lock.fd)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    renameSync(lock.path, path)
    await syncParent(path)
    return facts
  } catch (error) {
    throw fullOr(error, 'store a blob')
  } finally {
    rmSync(lock.path, { force: true })
    lock.release()
  }
}

/** Room is looked for each time that so much more has come. */
const strideBytes = 16 * 2 ** 20

/** Takes in a stream. */
export function newBlobOf(store: Store, lease: Lease, chunks: AsyncIterable<Uint8Array>, options: AbortOptions): Promise<BlobFacts> {
  return newBlob(
    store,
    lease,
    async ({ path, fd }) => {
      const digester = createDigester()
      let size = 0
      let checked = -strideBytes
      for await (const chunk of chunks) {
        options.signal?.throwIfAborted()
        if (size - checked >= strideBytes) {
          requireSpace(path, chunk.byteLength, store.minFreeBytes, 'store a blob')
          checked = size
        }
        digester.update(chunk)
        // The next one may come in the same memory, so this one is written before.
        await writeAll(fd, [chunk], size)
        size += chunk.byteLength
      }
      return { digest: digester.digest(), size }
    },
    options,
  )
}

/** Has a document among the blobs. */
export async function putDocument(
  store: Store,
  lease: Lease,
  { descriptor, bytes }: { readonly descriptor: Descriptor; readonly bytes: Uint8Array },
  options: AbortOptions,
): Promise<void> {
  await holdItems(store, lease, [['blob', descriptor.digest]], options)
  await ingestBlob(store, descriptor, bytesOf(bytes), { signal: options.signal })
}

/** Opens bytes that are in memory. */
export function bytesOf(
  bytes: Uint8Array,
): (offset: number) => Promise<{ readonly offset: number; readonly chunks: AsyncIterable<Uint8Array> }> {
  return (offset) => Promise.resolve({ offset, chunks: chunksOf(bytes.subarray(offset)) })
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
