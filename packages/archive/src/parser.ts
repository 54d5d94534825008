import type { TarEntry } from './entry.ts'

/** What a parser hands entries to. Called synchronously, in the archive's order. */
export interface TarSink {
  /** A new entry begins. */
  entry(entry: TarEntry): void
  /** A piece of the current entry's content, which belongs at `offset` of the file. Valid as long as the chunk that was written. */
  data(chunk: Uint8Array, offset: number): void
  /** The current entry is complete. */
  end(): void
}

/** Options of `createTarParser`. */
export interface TarParserOptions {
  /** Longest PAX header or GNU long name. @default 1048576, as Go's archive/tar */
  readonly maxHeaderBytes?: number | undefined
}

/** A tar decoder that is fed. */
export interface TarParser {
  /** Takes the next bytes. What it throws (the sink's errors too) ends the parser. */
  write(chunk: Uint8Array): void
  /** Says that there are no more. @throws ERR_ARCHIVE_TRUNCATED */
  close(): void
}

export function createTarParser(_sink: TarSink, _options: TarParserOptions = {}): TarParser {
  throw new Error('not yet')
}
