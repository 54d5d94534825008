import type { AbortOptions } from '@podwright/conventions'
import type { ByteSource, TarEntryType, TarXattr } from './entry.ts'

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

/** Composes a tar in memory. The same calls give the same bytes. */
export interface TarWriter {
  /** @throws ERR_ARCHIVE_ENTRY when a tar can't hold it. */
  add(entry: TarEntryInit, content?: string | Uint8Array): this
  /** The whole archive. Nothing can be added after. */
  finish(): Uint8Array
}

export function createTarWriter(): TarWriter {
  throw new Error('not yet')
}

/** An entry of `packEntries`: content of a known size, or none. */
export interface TarEntryWithContent extends TarEntryInit {
  readonly content?: string | Uint8Array | { readonly sizeBytes: number; readonly chunks: ByteSource } | undefined
}

export function packEntries(
  _entries: AsyncIterable<TarEntryWithContent> | Iterable<TarEntryWithContent>,
  _options: AbortOptions = {},
): AsyncIterable<Uint8Array> {
  throw new Error('not yet')
}
