import { systemCodeOf } from '@podwright/conventions'
import { type Digest, digestAlgorithm, type Digester, loadDigestAlgorithm } from '@podwright/oci'
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { StorageError } from '../errors.ts'
import type { Store } from './store.ts'

export function hasBlob(store: Store, digest: Digest): boolean {
  return existsSync(store.paths.blob(digest))
}

/** Where a blob is: here, or in an additional store. */
export function blobPath(store: Store, digest: Digest): string | undefined {
  return [store, ...store.additional].map(({ paths }) => paths.blob(digest)).find((path) => existsSync(path))
}

/**
 * A small blob, whole and verified.
 *
 * @throws `ERR_BLOB_NOT_FOUND`, `ERR_BLOB_CORRUPT`
 */
export async function readBlob(store: Store, digest: Digest): Promise<Uint8Array> {
  const path = blobPath(store, digest) ?? store.paths.blob(digest)
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw systemCodeOf(error) === 'ENOENT' ? blobNotFound(digest) : error
  }
  const digester = await digesterFor(digest)
  digester.update(bytes)
  if (digester.digest() === digest) return bytes
  throw new StorageError('ERR_BLOB_CORRUPT', `cannot use the blob ${digest}: its bytes in ${path} have another digest`, {
    hint: 'The disk may be damaged. Remove the image and pull it again.',
    details: { digest, path },
  })
}

/** Manifests and configs are no larger. */
const documentMaximumBytes = 4 * 2 ** 20

/** The bytes of a small blob, not verified; undefined when it is not here, or is no small one. */
export function readDocument(store: Store, digest: Digest): Uint8Array | undefined {
  const path = blobPath(store, digest)
  try {
    return path === undefined || statSync(path).size > documentMaximumBytes ? undefined : readFileSync(path)
  } catch (error) {
    // Collected as garbage meanwhile.
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A blob's bytes from `offset` on, not verified. */
export function blobStream(store: Store, digest: Digest, offset: number): AsyncIterable<Uint8Array> {
  const path = blobPath(store, digest)
  if (path === undefined) throw blobNotFound(digest)
  if (statSync(path).size <= readAtOnceBytes) return atOnce(path, offset)
  return createReadStream(path, { start: offset, highWaterMark: 2 ** 18 })
}

/** Smaller than what a stream reads at a time, whose code takes 4 ms to load. */
const readAtOnceBytes = 2 ** 17

async function* atOnce(path: string, offset: number): AsyncGenerator<Uint8Array> {
  const rest = readFileSync(path).subarray(offset)
  if (rest.byteLength > 0) yield rest
}

/** A digester for `digest`'s algorithm. */
export async function digesterFor(digest: Digest): Promise<Digester> {
  return (await loadDigestAlgorithm(digestAlgorithm(digest)))()
}

export function blobNotFound(digest: Digest): StorageError {
  return new StorageError('ERR_BLOB_NOT_FOUND', `cannot read the blob ${digest}: it is not in the storage`, {
    hint: 'Pull the image again.',
    details: { digest },
  })
}
