import type { AbortOptions } from '@podwright/conventions'
import type { Descriptor, Digest, Digester } from '@podwright/oci'
import { fstatSync, ftruncateSync, read } from 'node:fs'
import { promisify } from 'node:util'
import { StorageError } from '../errors.ts'
import { digesterFor } from './blobs.ts'
import { writeBehind } from './write-behind.ts'

const readDescriptor = promisify(read)
const readBytes = 2 ** 20

/** A file that becomes a blob. */
export interface PartialBlob {
  /** With those that are still being written. */
  readonly sizeBytes: number
  /** Takes the next bytes, which must not be changed any more. @throws `ERR_BLOB_TOO_LONG` */
  append(chunk: Uint8Array): Promise<void>
  /** Resolves when the file has all bytes. */
  flush(): Promise<void>
  /** Empties it. */
  restart(): Promise<void>
  /** Whether the bytes so far have the digest; call it once, last, or before `restart`. */
  matches(): boolean
}

/** Takes up what is in the file: its bytes are hashed again, since nothing says that they are what was written. */
export async function openPartialBlob(fd: number, descriptor: Descriptor, options: AbortOptions): Promise<PartialBlob> {
  let digester = await digesterFor(descriptor.digest)
  let sizeBytes = fstatSync(fd).size
  let digest: Digest | undefined
  let file = writeBehind(fd, sizeBytes)
  const restart = async (): Promise<void> => {
    await file.flush()
    ftruncateSync(fd, 0)
    file = writeBehind(fd, 0)
    digester = await digesterFor(descriptor.digest)
    digest = undefined
    sizeBytes = 0
  }
  if (sizeBytes > descriptor.size) await restart()
  await hashFile(fd, sizeBytes, digester, options)
  return {
    get sizeBytes() {
      return sizeBytes
    },
    async append(chunk) {
      if (sizeBytes + chunk.byteLength > descriptor.size) throw tooLong(descriptor)
      digester.update(chunk)
      sizeBytes += chunk.byteLength
      await file.append(chunk)
    },
    flush: () => file.flush(),
    restart,
    matches: () => (digest ??= digester.digest()) === descriptor.digest,
  }
}

async function hashFile(fd: number, sizeBytes: number, digester: Digester, { signal }: AbortOptions): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(readBytes, sizeBytes))
  for (let offset = 0; offset < sizeBytes;) {
    signal?.throwIfAborted()
    const { bytesRead } = await readDescriptor(fd, buffer, 0, buffer.byteLength, offset)
    if (bytesRead === 0) break
    digester.update(buffer.subarray(0, bytesRead))
    offset += bytesRead
  }
}

function tooLong(descriptor: Descriptor): StorageError {
  return new StorageError('ERR_BLOB_TOO_LONG', `cannot store the blob ${descriptor.digest}: more than its ${descriptor.size} bytes came`, {
    hint: 'The image is damaged where it comes from.',
    details: { digest: descriptor.digest },
  })
}
