import type { OpenBlob, PutBlobOptions, PutStreamOptions } from '@podwright/contracts'
import { createDigester, type Descriptor, type Digest, digestAlgorithm, loadDigestAlgorithm } from '@podwright/oci'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DistributionError } from '../../errors.ts'
import { makeDirectory } from './make-directory.ts'
import { receiveBlob } from './receive-blob.ts'
import { writeAll } from './spool.ts'
import { writing } from './write-failure.ts'

/** Where a file grows, and where it is once it is whole. */
export interface FilePlaces {
  readonly growing: string
  readonly final: string
}

/** Takes in a blob: it has its name when it is whole, verified and on the disk. What grows there already is continued. */
export async function putBlobFile(
  { growing, final }: FilePlaces,
  descriptor: Descriptor,
  open: OpenBlob,
  options: PutBlobOptions,
): Promise<void> {
  await loadDigestAlgorithm(digestAlgorithm(descriptor.digest))
  const operation = `write the blob ${descriptor.digest} to ${dirname(final)}`
  await writeFile(growing, (file) => receiveBlob(file, { descriptor, open, operation, place: growing }, options))
  await moveFile({ growing, final })
}

/** Takes in bytes that have no digest yet. @param finalOf where they are to be */
export async function putStreamFile(
  growing: string,
  finalOf: (digest: Digest) => string,
  chunks: AsyncIterable<Uint8Array>,
  { expected, signal }: PutStreamOptions,
): Promise<Pick<Descriptor, 'digest' | 'size'>> {
  const digester = createDigester()
  let size = 0
  await writeFile(growing, async (file) => {
    for await (const chunk of chunks) {
      signal?.throwIfAborted()
      digester.update(chunk)
      await writing(growing, () => writeAll(file, chunk, size))
      size += chunk.byteLength
    }
  })
  const digest = digester.digest()
  requireDigest(digest, expected, dirname(growing))
  await moveFile({ growing, final: finalOf(digest) })
  return { digest, size }
}

/** Writes a small file of which all bytes are there. */
export async function putWholeFile({ growing, final }: FilePlaces, bytes: Uint8Array): Promise<void> {
  await writeFile(growing, (file) => writing(growing, () => writeAll(file, bytes, 0)))
  await moveFile({ growing, final })
}

/** @throws DistributionError `ERR_BLOB_DIGEST_MISMATCH` */
export function requireDigest(found: Digest, expected: Digest | undefined, where: string): void {
  if (expected === undefined || found === expected) return
  throw new DistributionError('ERR_BLOB_DIGEST_MISMATCH', `cannot write a blob to ${where}: it has the digest ${found}, not ${expected}`, {
    details: { expected, found },
  })
}

async function writeFile(path: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  const { constants, open } = await import('node:fs/promises')
  await using file = await writing(path, () => open(path, constants.O_RDWR | constants.O_CREAT))
  await work(file)
  await writing(path, () => file.sync())
}

async function moveFile({ growing, final }: FilePlaces): Promise<void> {
  const { rename } = await import('node:fs/promises')
  await writing(final, async () => {
    await makeDirectory(dirname(final))
    await rename(growing, final)
  })
}
