import { emitProgress } from '@podwright/conventions'
import { lstatSync, realpathSync } from 'node:fs'
import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { decompress } from './decompress.ts'
import type { ByteSource, TarEntry } from './entry.ts'
import type { ExtractOptions, ExtractResult } from './extract-options.ts'
import { fromLatin1, latin1 } from './internal/bytes.ts'
import { cleanPath, joinPath } from './internal/clean-path.ts'
import { Directories } from './internal/extract/directories.ts'
import { DiskGuard } from './internal/extract/disk-guard.ts'
import { entryError } from './internal/extract/failure.ts'
import { finishDirectories } from './internal/extract/finish-directories.ts'
import { LayerSink } from './internal/extract/layer-sink.ts'
import { createSettings, directoryPrefix } from './internal/extract/settings.ts'
import { WhiteoutWriter } from './internal/extract/whiteout-writer.ts'
import { createTarParser, type TarSink } from './parser.ts'

/** Options of `extractFiles`. */
export interface ExtractFilesOptions extends Omit<ExtractOptions, 'whiteouts' | 'overlayXattrs' | 'lowerDirectories'> {
  /** A directory in the one that is given, in which the archive's names begin. Symbolic links in it may lead as far as the latter. @default that one itself */
  readonly below?: string | Uint8Array | undefined
  /** What becomes of a directory in a file's place, and the other way round. `refuse`: ERR_ARCHIVE_CONFLICT. @default 'refuse' */
  readonly conflicts?: 'replace' | 'refuse' | undefined
  /** Whether directories that were there before get owner, mode, times and attributes of the archive's. @default 'stay' */
  readonly existingDirectories?: 'become' | 'stay' | undefined
}

/** What `extractFiles` did. */
export type ExtractFilesResult = Pick<ExtractResult, 'tarBytes' | 'sizeBytes' | 'entries' | 'skipped' | 'skippedCount'>

const turnBytes = 4 << 20

/**
 * Puts what a tar has, compressed or not, beside what is in a directory, which is there; files of the same name are replaced, but those that are mounted
 * written to. Unlike `extractLayer` it is for a tree that others use: it knows no whiteouts, leaves what it doesn't name as it is, and works out no digest.
 *
 * @throws as `extractLayer`, and ERR_ARCHIVE_CONFLICT.
 */
export async function extractFiles(
  input: ByteSource,
  directory: string | Uint8Array,
  options: ExtractFilesOptions = {},
): Promise<ExtractFilesResult> {
  const { conflicts = 'refuse', existingDirectories = 'stay', minFreeBytes = 0, minFreeInodes = 0, signal } = options
  const root = realpathSync.native(typeof directory === 'string' ? directory : Buffer.from(directory), 'buffer')
  const settings = createSettings(
    directoryPrefix(root),
    { ...options, whiteouts: 'keep' },
    { conflicts, existingDirectories, isLive: true },
  )
  const directories = new Directories(settings, lstatSync(root, { bigint: true }))
  const place = Buffer.from(options.below ?? '')
  const disk = new DiskGuard(place.length === 0 ? root : fromLatin1(settings.prefix + latin1(place)), minFreeBytes, minFreeInodes)
  const sink = new LayerSink(settings, directories, new WhiteoutWriter(settings, directories), disk, options)
  const tarBytes = await unpack(input, place.length === 0 ? sink : new SinkBelow(sink, place), sink, options)
  await finishDirectories(directories, settings, signal)
  const { skipped } = settings
  return { tarBytes, entries: sink.entries, sizeBytes: sink.sizeBytes, skipped: skipped.items, skippedCount: skipped.count }
}

async function unpack(input: ByteSource, sink: TarSink, files: LayerSink, options: ExtractFilesOptions): Promise<number> {
  const { compression = 'auto', onProgress, signal } = options
  const parser = createTarParser(sink)
  let tarBytes = 0
  let turn = 0
  try {
    for await (const chunk of decompress(input, compression, { signal, transient: true })) {
      signal?.throwIfAborted()
      parser.write(chunk)
      tarBytes += chunk.length
      turn += chunk.length
      if (turn < turnBytes) continue
      turn = 0
      emitProgress(onProgress, { type: 'extract:progress', tarBytes, entries: files.entries })
      // A source that never waits would otherwise keep timers and signals waiting.
      await yieldToEvents()
    }
    parser.close()
  } finally {
    files.close()
  }
  return tarBytes
}

/** Puts the names of an archive below a path. */
class SinkBelow implements TarSink {
  readonly #sink: TarSink
  readonly #place: string

  constructor(sink: TarSink, place: Uint8Array) {
    this.#sink = sink
    this.#place = latin1(place)
  }

  entry(entry: TarEntry): void {
    const linkName = entry.type === 'hardlink' ? this.#below(entry, entry.linkName) : entry.linkName
    this.#sink.entry({ ...entry, name: this.#below(entry, entry.name), linkName })
  }

  data(chunk: Uint8Array, offset: number): void {
    this.#sink.data(chunk, offset)
  }

  end(): void {
    this.#sink.end()
  }

  /** @throws ERR_ARCHIVE_UNSAFE_PATH */
  #below(entry: TarEntry, name: Uint8Array): Uint8Array {
    const path = cleanPath(name)
    if (path === undefined) throw entryError('ERR_ARCHIVE_UNSAFE_PATH', entry, 'it leads out of the directory')
    return fromLatin1(path === '' ? this.#place : joinPath(this.#place, path))
  }
}
