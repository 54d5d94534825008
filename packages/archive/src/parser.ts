import { ArchiveError } from './errors.ts'
import type { SparseRegion, TarEntry } from './entry.ts'
import { buildEntry, dataBytes, type SparseMap } from './internal/build-entry.ts'
import { blockBytes, type Header, isZeroBlock, parseHeader, typeFlags } from './internal/header.ts'
import { isMetadata, Metadata } from './internal/metadata.ts'
import type { PaxFields } from './internal/pax.ts'
import { gnuRealSize, readGnuSparseBlock, SparseMapReader } from './internal/sparse.ts'

/** What a parser hands entries to. Called synchronously, in the archive's order. */
export interface TarSink {
  /** A new entry begins. */
  entry(entry: TarEntry): void
  /** A piece of the current entry's content, which belongs at `offset` of the file. It is a part of the chunk that was written: not a copy. */
  data(chunk: Uint8Array, offset: number): void
  /** The current entry is complete. */
  end(): void
}

/** Options of `createTarParser`. */
export interface TarParserOptions {
  /** Longest PAX header or GNU long name. @default 1048576, as Go's archive/tar */
  readonly maxHeaderBytes?: number | undefined
}

/** A tar decoder that is fed. Far cheaper than iterating, since nothing of it is asynchronous. */
export interface TarParser {
  /**
   * Takes the next bytes. What it throws (the sink's errors too) ends the parser.
   *
   * @throws ERR_ARCHIVE_MALFORMED
   */
  write(chunk: Uint8Array): void
  /** Says that there are no more. @throws ERR_ARCHIVE_TRUNCATED, ERR_ARCHIVE_MALFORMED */
  close(): void
}

/**
 * Decodes tar: v7, ustar, star, GNU (long names, base-256 numbers, sparse files) and PAX (local and global headers, extended attributes,
 * sparse files 0.0, 0.1 and 1.0). Everything after two zero blocks is ignored; an archive that lacks them is taken.
 */
export function createTarParser(sink: TarSink, options: TarParserOptions = {}): TarParser {
  return new Parser(sink, options.maxHeaderBytes ?? 1 << 20)
}

/** What the next bytes are. The first three come in blocks, the others in pieces of any size. */
type State = 'header' | 'gnuSparse' | 'sparseMap' | 'metadata' | 'data' | 'padding' | 'finished'

class Parser implements TarParser {
  readonly #sink: TarSink
  readonly #metadata: Metadata
  #state: State = 'header'
  /** A block that began in an earlier chunk. */
  readonly #partial: Uint8Array = new Uint8Array(blockBytes)
  #partialLength = 0
  #zeroBlocks = 0
  /** Bytes of data, and bytes to be passed over after them. */
  #remaining = 0
  #padding = 0

  #header: Header | undefined
  #pax: PaxFields = {}
  #gnuSparse: { numbers: number[]; realSize: number } | undefined
  #mapReader: SparseMapReader | undefined

  /** Whether data goes to the sink. */
  #wanted = false
  #offset = 0
  #regions: readonly SparseRegion[] | undefined
  #region = 0

  constructor(sink: TarSink, maxHeaderBytes: number) {
    this.#sink = sink
    this.#metadata = new Metadata(maxHeaderBytes)
  }

  write(chunk: Uint8Array): void {
    let position = 0
    while (position < chunk.length && this.#state !== 'finished') {
      if (this.#state === 'data') position = this.#takeData(chunk, position)
      else if (this.#state === 'padding') position = this.#takePadding(chunk, position)
      else if (this.#state === 'metadata') position = this.#takeMetadata(chunk, position)
      else position = this.#takeBlock(chunk, position)
    }
  }

  close(): void {
    // Some writers leave out the padding of the last entry.
    const isBetween = this.#state === 'finished' || this.#state === 'padding' || (this.#state === 'header' && this.#partialLength === 0)
    if (!isBetween) throw new ArchiveError('ERR_ARCHIVE_TRUNCATED', 'read tar: it ends in the middle of an entry', { retryable: true })
    if (this.#metadata.isPending) throw malformed('it ends after a header that tells of an entry to come')
  }

  #takeBlock(chunk: Uint8Array, position: number): number {
    if (this.#partialLength === 0 && chunk.length - position >= blockBytes) {
      this.#block(chunk, position)
      return position + blockBytes
    }
    const end = Math.min(chunk.length, position + blockBytes - this.#partialLength)
    this.#partial.set(chunk.subarray(position, end), this.#partialLength)
    this.#partialLength += end - position
    if (this.#partialLength === blockBytes) {
      this.#partialLength = 0
      this.#block(this.#partial, 0)
    }
    return end
  }

  #block(bytes: Uint8Array, start: number): void {
    if (this.#state === 'header') this.#takeHeader(bytes, start)
    else if (this.#state === 'gnuSparse') this.#takeGnuSparse(bytes, start, false)
    else this.#takeSparseMap(bytes, start)
  }

  #takeHeader(bytes: Uint8Array, start: number): void {
    if (bytes[start] === 0 && isZeroBlock(bytes, start)) {
      if (++this.#zeroBlocks === 2) this.#state = 'finished'
      return
    }
    if (this.#zeroBlocks > 0) throw malformed('an entry follows a block of zeros')
    const header = parseHeader(bytes, start)
    if (header.size < 0) throw malformed('an entry has a negative size')
    if (isMetadata(header.typeFlag)) {
      this.#padding = paddingOf(header.size)
      this.#state = 'metadata'
      this.#metadata.begin(header.typeFlag, header.size)
      if (header.size === 0) this.#state = 'header'
    } else if (header.typeFlag === typeFlags.gnuVolume) this.#pass(header.size + paddingOf(header.size))
    else this.#beginEntry(header, bytes, start)
  }

  #takeMetadata(chunk: Uint8Array, position: number): number {
    const end = this.#metadata.write(chunk, position)
    if (this.#metadata.isComplete) this.#pass(this.#padding)
    return end
  }

  #pass(bytes: number): void {
    this.#padding = bytes
    this.#state = bytes > 0 ? 'padding' : 'header'
  }

  #takePadding(chunk: Uint8Array, position: number): number {
    const length = Math.min(this.#padding, chunk.length - position)
    this.#pass(this.#padding - length)
    return position + length
  }

  #beginEntry(header: Header, bytes: Uint8Array, start: number): void {
    this.#header = header
    this.#pax = this.#metadata.take()
    this.#remaining = dataBytes(header, this.#pax)
    this.#padding = paddingOf(this.#remaining)
    const { sparse } = this.#pax
    if (header.typeFlag === typeFlags.gnuSparse) {
      if (!header.isGnu) throw malformed('a sparse file of GNU lacks its header')
      this.#gnuSparse = { numbers: [], realSize: gnuRealSize(bytes, start) }
      this.#takeGnuSparse(bytes, start, true)
    } else if (sparse?.major === 1 && sparse.minor === 0) {
      this.#mapReader = new SparseMapReader()
      this.#state = 'sparseMap'
    } else if (sparse?.numbers) this.#emit({ numbers: sparse.numbers, realSize: realSizeOf(this.#pax) })
    else this.#emit(undefined)
  }

  #takeGnuSparse(bytes: Uint8Array, start: number, isHeader: boolean): void {
    const map = this.#gnuSparse!
    this.#state = 'gnuSparse'
    if (!readGnuSparseBlock(bytes, start, isHeader, map.numbers)) this.#emit(map)
  }

  #takeSparseMap(bytes: Uint8Array, start: number): void {
    this.#remaining -= blockBytes
    if (this.#remaining < 0) throw malformed('the map of a sparse file is longer than the entry')
    const numbers = this.#mapReader!.write(bytes, start)
    if (numbers) this.#emit({ numbers, realSize: realSizeOf(this.#pax) })
  }

  #emit(map: SparseMap | undefined): void {
    const entry = buildEntry(this.#header!, this.#pax, this.#remaining, map)
    this.#wanted = entry.type === 'file'
    this.#regions = entry.sparse
    this.#region = 0
    this.#offset = entry.sparse?.[0]?.offset ?? 0
    this.#sink.entry(entry)
    if (this.#remaining > 0) this.#state = 'data'
    else this.#endEntry()
  }

  #endEntry(): void {
    this.#sink.end()
    this.#pass(this.#padding)
  }

  #takeData(chunk: Uint8Array, position: number): number {
    let length = Math.min(this.#remaining, chunk.length - position)
    const region = this.#regions?.[this.#region]
    if (region) length = Math.min(length, region.offset + region.length - this.#offset)
    if (this.#wanted) this.#sink.data(chunk.subarray(position, position + length), this.#offset)
    this.#offset += length
    this.#remaining -= length
    if (region && this.#offset === region.offset + region.length) this.#offset = this.#regions?.[++this.#region]?.offset ?? 0
    if (this.#remaining === 0) this.#endEntry()
    return position + length
  }
}

function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes
}

function realSizeOf(pax: PaxFields): number {
  if (pax.sparse?.realSize === undefined) throw malformed('a sparse file has no size')
  return pax.sparse.realSize
}

function malformed(reason: string): ArchiveError {
  return new ArchiveError('ERR_ARCHIVE_MALFORMED', `read tar: ${reason}`)
}
