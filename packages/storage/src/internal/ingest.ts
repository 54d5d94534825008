import { emitProgress, isPodwrightError } from '@podwright/conventions'
import type { BlobProgress, BlobStream, OpenBlob, PutBlobOptions } from '@podwright/contracts'
import { type FileLock, lockFile } from '@podwright/linux'
import type { Descriptor } from '@podwright/oci'
import { fsync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { StorageError } from '../errors.ts'
import { hasBlob } from './blobs.ts'
import { syncParent } from './durable-files.ts'
import { fullOr, requireSpace } from './free-space.ts'
import { openPartialBlob, type PartialBlob } from './partial-blob.ts'
import type { Store } from './store.ts'
import { pauseBeforeRetry } from './retry.ts'

const syncDescriptor = promisify(fsync)

/**
 * Takes a blob in: verified while it streams, on disk before it gets its name. Goes on from what an earlier try left. Who comes second while
 * another process takes in the same blob waits for it.
 */
export async function ingestBlob(store: Store, descriptor: Descriptor, open: OpenBlob, options: PutBlobOptions = {}): Promise<void> {
  const path = store.paths.ingest(descriptor.digest)
  const lock = await lockFile(path, { signal: options.signal, clock: store.clock })
  try {
    if (hasBlob(store, descriptor.digest)) {
      rmSync(path, { force: true })
      return emitProgress<BlobProgress>(options.onProgress, { type: 'blob:exists', descriptor })
    }
    await ingestLocked(store, descriptor, open, lock, options)
    emitProgress<BlobProgress>(options.onProgress, { type: 'blob:complete', descriptor })
  } catch (error) {
    const reason = fullOr(error, `store the blob ${descriptor.digest}`)
    if (dropsPartial(reason, path)) rmSync(path, { force: true })
    throw reason
  } finally {
    lock.release()
  }
}

/** What can't become a blob any more. Everything else is kept for the next try. */
const hopeless: ReadonlySet<string> = new Set(['ERR_BLOB_DIGEST', 'ERR_BLOB_TOO_LONG', 'ERR_BLOB_TRUNCATED'])

/** Of a disk that is really full, the space is given back; that too little would stay free is found before a byte is written. */
function dropsPartial(error: unknown, path: string): boolean {
  if (!(error instanceof StorageError)) return false
  if (error.code === 'ERR_STORAGE_FULL') return error.cause !== undefined || isEmpty(path)
  return hopeless.has(error.code)
}

function isEmpty(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.size === 0
}

async function ingestLocked(store: Store, descriptor: Descriptor, open: OpenBlob, lock: FileLock, options: PutBlobOptions): Promise<void> {
  const partial = await openPartialBlob(lock.fd, descriptor, options)
  const resumedBytes = partial.sizeBytes
  requireSpace(lock.path, descriptor.size - partial.sizeBytes, store.minFreeBytes, `store the blob ${descriptor.digest}`)
  emitProgress<BlobProgress>(options.onProgress, { type: 'blob:start', descriptor, offsetBytes: partial.sizeBytes })
  await fill(store, partial, descriptor, open, options)
  if (!partial.matches() && resumedBytes > 0) {
    // What was on disk may have been damaged, by a power cut for one. What comes now isn't.
    await partial.restart()
    await fill(store, partial, descriptor, open, options)
  }
  if (!partial.matches()) throw wrongDigest(descriptor)
  await publish(store, descriptor, lock)
}

/** Reads until all bytes are there, from where it broke off when the source's stream breaks. */
async function fill(store: Store, partial: PartialBlob, descriptor: Descriptor, open: OpenBlob, options: PutBlobOptions): Promise<void> {
  let attempt = 0
  while (partial.sizeBytes < descriptor.size) {
    const before = partial.sizeBytes
    let opened = false
    try {
      const stream = await open(partial.sizeBytes, { signal: options.signal })
      opened = true
      await append(partial, stream, descriptor, options)
    } catch (error) {
      // A source that can't even be opened has had its own retries; only a code can say otherwise.
      if (!opened && !isPodwrightError(error)) throw error
      attempt = partial.sizeBytes > before ? 1 : attempt + 1
      await pauseBeforeRetry(store.clock, error, attempt, descriptor, options)
    }
  }
}

async function append(partial: PartialBlob, stream: BlobStream, descriptor: Descriptor, options: PutBlobOptions): Promise<void> {
  if (stream.offset === 0 && partial.sizeBytes > 0) await partial.restart()
  if (stream.offset !== partial.sizeBytes) throw wrongOffset(descriptor, stream.offset, partial.sizeBytes)
  try {
    for await (const chunk of stream.chunks) {
      options.signal?.throwIfAborted()
      await partial.append(chunk)
      emitProgress<BlobProgress>(options.onProgress, { type: 'blob:progress', descriptor, completeBytes: partial.sizeBytes })
    }
  } finally {
    // Also of a stream that breaks off: the next try goes on from what is in the file.
    await partial.flush()
  }
  if (partial.sizeBytes < descriptor.size) throw truncated(descriptor, partial.sizeBytes)
}

async function publish(store: Store, descriptor: Descriptor, lock: FileLock): Promise<void> {
  const path = store.paths.blob(descriptor.digest)
  await syncDescriptor(lock.fd)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  renameSync(lock.path, path)
  await syncParent(path)
}

function wrongOffset(descriptor: Descriptor, offset: number, asked: number): StorageError {
  return new StorageError(
    'ERR_BLOB_SOURCE',
    `cannot go on with the blob ${descriptor.digest}: the source began at byte ${offset} instead of ${asked}`,
  )
}

function truncated(descriptor: Descriptor, sizeBytes: number): StorageError {
  return new StorageError(
    'ERR_BLOB_TRUNCATED',
    `cannot store the blob ${descriptor.digest}: it ended after ${sizeBytes} of ${descriptor.size} bytes`,
    { hint: 'Try again; if it stays so, the image is damaged where it comes from.', details: { digest: descriptor.digest, sizeBytes } },
  )
}

function wrongDigest(descriptor: Descriptor): StorageError {
  return new StorageError('ERR_BLOB_DIGEST', `cannot store the blob ${descriptor.digest}: the bytes that came have another digest`, {
    hint: 'Try again; if it stays so, the image is damaged, or was tampered with, where it comes from.',
    details: { digest: descriptor.digest },
  })
}
