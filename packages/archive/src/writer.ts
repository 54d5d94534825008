import type { AbortOptions } from '@podwright/conventions'
import type { ByteSource, TarEntryType, TarXattr } from './entry.ts'
import { ArchiveError } from './errors.ts'
import { quoteBytes } from './internal/bytes.ts'
import { encodeHeader, type HeaderFields, paddingOf } from './internal/encode-header.ts'

/** An entry to be written. Text is UTF-8. What is left out is the same each time, so that the bytes are. */
export interface TarEntryInit {
  /** Relative, with or without a slash at the end. */
  readonly name: string | Uint8Array
  /** @default 'file' */
  readonly type?: Exclude<TarEntryType, 'unknown'> | undefined
  /** Target of a symbolic or hard link. */
  readonly linkName?: string | Uint8Array | undefined
  /** @default 0o755 for directories, 0o777 for symbolic links, else 0o644 */
  readonly mode?: number | undefined
  /** @default 0 */
  readonly uid?: number | undefined
  /** @default 0 */
  readonly gid?: number | undefined
  /** @default '' */
  readonly userName?: string | Uint8Array | undefined
  /** @default '' */
  readonly groupName?: string | Uint8Array | undefined
  /** In nanoseconds since the epoch. @default 0n */
  readonly modified?: bigint | undefined
  /** Of a device. @default 0 */
  readonly major?: number | undefined
  /** Of a device. @default 0 */
  readonly minor?: number | undefined
  /** @default none */
  readonly xattrs?: readonly TarXattr[] | undefined
}

/** An entry with its content, of a known size. */
export interface TarEntryWithContent extends TarEntryInit {
  /** For files only. @default empty */
  readonly content?: string | Uint8Array | { readonly sizeBytes: number; readonly chunks: ByteSource } | undefined
}

/** Composes a tar in memory. The same calls give the same bytes. */
export interface TarWriter {
  /** @throws ERR_ARCHIVE_ENTRY when a tar can't hold it. */
  add(entry: TarEntryInit, content?: string | Uint8Array): this
  /** The whole archive. It can go on after. */
  finish(): Uint8Array
}

/** Two zero blocks end an archive. */
const endOfArchive = new Uint8Array(1024)

/** Composes small archives: ustar, with PAX headers where ustar isn't enough. */
export function createTarWriter(): TarWriter {
  const pieces: Uint8Array[] = []
  const writer: TarWriter = {
    add(entry, content = '') {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      pieces.push(encodeEntry(entry, bytes.length), bytes.slice(), new Uint8Array(paddingOf(bytes.length)))
      return writer
    },
    finish: () => Buffer.concat([...pieces, endOfArchive]),
  }
  return writer
}

/**
 * Packs entries as they come. The same entries give the same bytes.
 *
 * @throws ERR_ARCHIVE_ENTRY when a tar can't hold one, or its content has another size than it said; and `signal.reason`.
 */
export async function* packEntries(
  entries: AsyncIterable<TarEntryWithContent> | Iterable<TarEntryWithContent>,
  options: AbortOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const entry of entries) {
    options.signal?.throwIfAborted()
    const { content = '' } = entry
    if (typeof content === 'string' || content instanceof Uint8Array) {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      yield encodeEntry(entry, bytes.length)
      if (bytes.length > 0) yield bytes
      yield* padding(bytes.length)
    } else {
      yield encodeEntry(entry, content.sizeBytes)
      yield* exactly(entry, content.chunks, content.sizeBytes, options.signal)
      yield* padding(content.sizeBytes)
    }
  }
  yield endOfArchive.slice()
}

/** The header blocks of an entry with `sizeBytes` of content. @throws ERR_ARCHIVE_ENTRY */
export function encodeEntry(entry: TarEntryInit, sizeBytes: number): Uint8Array {
  const type = entry.type ?? 'file'
  if (type !== 'file' && sizeBytes > 0) throw wrong(entry, `a ${type} has no content`)
  const fields: HeaderFields = {
    name: type === 'directory' ? withSlash(bytesOf(entry.name)) : bytesOf(entry.name),
    type,
    linkName: bytesOf(entry.linkName),
    mode: entry.mode ?? (type === 'directory' ? 0o755 : type === 'symlink' ? 0o777 : 0o644),
    uid: entry.uid ?? 0,
    gid: entry.gid ?? 0,
    userName: bytesOf(entry.userName),
    groupName: bytesOf(entry.groupName),
    sizeBytes,
    modified: entry.modified ?? 0n,
    major: entry.major ?? 0,
    minor: entry.minor ?? 0,
    xattrs: entry.xattrs ?? [],
  }
  return encodeHeader(fields)
}

async function* exactly(
  entry: TarEntryInit,
  chunks: ByteSource,
  sizeBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = sizeBytes
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    left -= chunk.length
    if (left < 0) throw wrong(entry, `its content has more than ${sizeBytes} bytes`)
    yield chunk
  }
  if (left > 0) throw wrong(entry, `its content has less than ${sizeBytes} bytes`)
}

function* padding(size: number): Generator<Uint8Array, void, undefined> {
  const length = paddingOf(size)
  if (length > 0) yield new Uint8Array(length)
}

function bytesOf(text: string | Uint8Array | undefined): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text) : (text ?? new Uint8Array(0))
}

function withSlash(name: Uint8Array): Uint8Array {
  return name.at(-1) === 0x2f ? name : Buffer.concat([name, Buffer.from('/')])
}

function wrong(entry: TarEntryInit, reason: string): ArchiveError {
  return new ArchiveError('ERR_ARCHIVE_ENTRY', `write tar entry ${quoteBytes(bytesOf(entry.name))}: ${reason}`)
}
