import type { Compression } from '@podwright/archive'
import { type AbortOptions, isPodwrightError, messageOf, systemCodeOf } from '@podwright/conventions'
import type { FileHandle } from 'node:fs/promises'
import { DistributionError } from '../../errors.ts'
import { fillSpool, openSpool } from '../files/spool.ts'
import { readAndClose } from '../files/read-range.ts'
import { invalidArchive } from './archive-error.ts'

/** An archive to read: its path, or its bytes, such as those of stdin. */
export type ArchiveInput = string | AsyncIterable<Uint8Array>

/** Options of reading an archive. */
export interface ArchiveInputOptions extends AbortOptions {
  /**
   * Where what is compressed, or comes as a stream, is kept while it is read: as long as it unpacks to.
   *
   * @default TMPDIR, else /var/tmp, else the system's
   */
  readonly temporaryDirectory?: string | undefined
}

/** An uncompressed tar that can be read at any place. */
export interface ArchiveFile extends AsyncDisposable {
  readonly file: FileHandle
  readonly sizeBytes: number
  /** For messages. */
  readonly place: string
}

/** What is recognised to be told by name. */
const unreadable: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
]

/** @throws DistributionError `ERR_IMAGE_ARCHIVE_NOT_FOUND`, `ERR_IMAGE_ARCHIVE_INVALID`, `ERR_DISK_FULL` */
export async function openArchiveFile(input: ArchiveInput, options: ArchiveInputOptions): Promise<ArchiveFile> {
  options.signal?.throwIfAborted()
  if (typeof input !== 'string') return spooled(input, 'auto', 'the stream', options)
  const { open } = await import('node:fs/promises')
  const file = await open(input).catch((error: unknown) => Promise.reject(unopened(input, error)))
  let isKept = false
  try {
    const found = await file.stat()
    if (found.isDirectory()) throw invalidArchive(input, 'it is a directory')
    if (!found.isFile()) return await spooled(bytesOf(file), 'auto', input, options)
    const compression = await compressionOf(file, input)
    if (compression !== 'none')
      return await spooled(readAndClose(file, 0, { signal: options.signal, transient: true }), compression, input, options)
    isKept = true
    return { file, sizeBytes: found.size, place: input, [Symbol.asyncDispose]: () => file.close() }
  } finally {
    if (!isKept) await file.close()
  }
}

async function spooled(
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression | 'auto',
  place: string,
  { signal, temporaryDirectory }: ArchiveInputOptions,
): Promise<ArchiveFile> {
  const { decompress } = await import('@podwright/archive')
  const spool = await openSpool(temporaryDirectory)
  try {
    const sizeBytes = await fillSpool(spool, decompress(chunks, compression, { signal, transient: true }))
    if (compression === 'auto') await compressionOf(spool.file, place)
    return { file: spool.file, sizeBytes, place, [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose]() }
  } catch (error) {
    await spool[Symbol.asyncDispose]()
    if (!isPodwrightError(error, 'ERR_ARCHIVE_COMPRESSION')) throw error
    throw invalidArchive(place, messageOf(error), error)
  }
}

/** A pipe can't be read at a place. */
async function* bytesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  yield* file.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 })
}

async function compressionOf(file: FileHandle, place: string): Promise<Compression> {
  const { detectCompression } = await import('@podwright/archive')
  const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0)
  const start = buffer.subarray(0, bytesRead)
  const found = unreadable.find(([, magic]) => magic.every((byte, index) => start[index] === byte))
  if (found !== undefined) throw invalidArchive(place, `it is compressed with ${found[0]}, which is not read here`)
  return detectCompression(start)
}

function unopened(path: string, error: unknown): unknown {
  const code = systemCodeOf(error)
  if (code === undefined) return error
  if (code !== 'ENOENT') return invalidArchive(path, messageOf(error), error)
  return new DistributionError('ERR_IMAGE_ARCHIVE_NOT_FOUND', `cannot read the archive ${path}: there is no such file`, {
    cause: error,
    details: { place: path },
  })
}
