import { emitProgress } from '@podwright/conventions'
import type { Digest } from '@podwright/oci'
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { setImmediate as yieldToEvents } from 'node:timers/promises'
import { decompress } from './decompress.ts'
import type { ByteSource } from './entry.ts'
import type { ExtractOptions, ExtractResult } from './extract-options.ts'
import { Directories } from './internal/extract/directories.ts'
import { DiskGuard } from './internal/extract/disk-guard.ts'
import { finishDirectories } from './internal/extract/finish-directories.ts'
import { LayerSink } from './internal/extract/layer-sink.ts'
import { createSettings, directoryPrefix, type Settings } from './internal/extract/settings.ts'
import { WhiteoutWriter } from './internal/extract/whiteout-writer.ts'
import { createTarParser } from './parser.ts'

const progressBytes = 4 << 20

/**
 * Unpacks a layer, compressed or not, into a directory, which is made if it is not there. Nothing outside of it is written, whatever the
 * archive says; nobody else may write to it meanwhile. Names, attributes and times are exact to the byte and the nanosecond, whatever the
 * umask. When it fails, what was written so far is left to the caller to delete.
 *
 * @throws ERR_ARCHIVE_MALFORMED, ERR_ARCHIVE_TRUNCATED, ERR_ARCHIVE_UNSUPPORTED, ERR_ARCHIVE_COMPRESSION, ERR_ARCHIVE_UNSAFE_PATH,
 * ERR_ARCHIVE_LINK_TARGET, ERR_ARCHIVE_DEVICE, ERR_ARCHIVE_OWNER, ERR_ARCHIVE_SPECIAL_FILES, ERR_ARCHIVE_LIMIT, ERR_ARCHIVE_DISK_LOW,
 * ERR_ARCHIVE_WRITE, what the input throws, and `signal.reason`.
 */
export async function extractLayer(
  input: ByteSource,
  directory: string | Uint8Array,
  options: ExtractOptions = {},
): Promise<ExtractResult> {
  const root = openRoot(directory)
  const settings = createSettings(directoryPrefix(root), options)
  const directories = new Directories(settings, lstatSync(root, { bigint: true }))
  const whiteouts = new WhiteoutWriter(settings, directories)
  const disk = new DiskGuard(root, options.minFreeBytes ?? 0, options.minFreeInodes ?? 0)
  const sink = new LayerSink(settings, directories, whiteouts, disk, options)
  const tar = await unpack(input, sink, options)
  await finishDirectories(directories, settings, options.signal)
  emitProgress(options.onProgress, { type: 'extract:progress', tarBytes: tar.tarBytes, entries: sink.entries })
  return {
    ...tar,
    ...resultOf(sink, settings),
    whiteouts: whiteouts.count,
    rootOpaque: directories.root.isOpaque,
    impliedDirectories: directories.impliedCount,
  }
}

function openRoot(directory: string | Uint8Array): Buffer {
  const path = typeof directory === 'string' ? directory : Buffer.from(directory)
  mkdirSync(path, { recursive: true })
  return realpathSync.native(path, 'buffer')
}

async function unpack(input: ByteSource, sink: LayerSink, options: ExtractOptions): Promise<{ diffId: Digest; tarBytes: number }> {
  const hash = createHash('sha256')
  const parser = createTarParser(sink)
  let tarBytes = 0
  let reportedBytes = 0
  try {
    for await (const chunk of decompress(input, options.compression ?? 'auto', { signal: options.signal, transient: true })) {
      options.signal?.throwIfAborted()
      hash.update(chunk)
      parser.write(chunk)
      tarBytes += chunk.length
      if (tarBytes - reportedBytes >= progressBytes) {
        reportedBytes = tarBytes
        emitProgress(options.onProgress, { type: 'extract:progress', tarBytes, entries: sink.entries })
        // A source that is in memory would otherwise keep timers and signals waiting.
        await yieldToEvents()
      }
    }
    parser.close()
  } finally {
    sink.close()
  }
  return { diffId: `sha256:${hash.digest('hex')}`, tarBytes }
}

function resultOf(
  sink: LayerSink,
  settings: Settings,
): Omit<ExtractResult, 'diffId' | 'tarBytes' | 'whiteouts' | 'rootOpaque' | 'impliedDirectories'> {
  return {
    sizeBytes: sink.sizeBytes,
    entries: sink.entries,
    root: sink.root,
    skipped: settings.skipped.items,
    skippedCount: settings.skipped.count,
    strippedXattrs: settings.strippedXattrs,
  }
}
