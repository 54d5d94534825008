import { isPodwrightError, messageOf, systemCodeOf } from '@podwright/conventions'
import type { Duplex } from 'node:stream'
import { ArchiveError } from '../errors.ts'
import type { Compression } from '../compression.ts'

/** The feeding of a stream. */
export interface Feed {
  /** Resolves once the input is used up; what the input throws comes out of the stream. */
  readonly done: Promise<void>
  /** Ends everything, at any time. */
  stop(): void
}

/** Writes all of `input` to a (de)compressor, as fast as it takes it. */
export function feed(input: AsyncIterable<Uint8Array>, stream: Duplex): Feed {
  const done = pump(input, stream)
  // Failures are seen by whoever reads the stream, or, once that has ended, by whoever awaits `done`.
  done.catch(() => {})
  stream.on('error', () => {})
  return { done, stop: () => void stream.destroy() }
}

async function pump(input: AsyncIterable<Uint8Array>, stream: Duplex): Promise<void> {
  try {
    for await (const chunk of input) {
      if (stream.destroyed && !stream.readableEnded) return
      // A decompressor that has seen the end takes nothing more; the input is read to its end all the same.
      if (stream.readableEnded) continue
      if (!stream.write(chunk)) await writable(stream)
    }
    if (!stream.destroyed) stream.end()
  } catch (error) {
    stream.destroy(new InputFailure(error))
    throw error
  }
}

/** Carries what the input threw through a stream, which takes Errors only. */
class InputFailure extends Error {
  readonly reason: unknown

  constructor(reason: unknown) {
    super('the input failed')
    this.reason = reason
  }
}

async function writable(stream: Duplex): Promise<void> {
  const events = ['drain', 'end', 'close'] as const
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      for (const event of events) stream.off(event, settle)
      resolve()
    }
    for (const event of events) stream.on(event, settle)
  })
}

/** What a decompressor or its input threw, as what the caller is to see. */
export function compressionError(compression: Compression, error: unknown): unknown {
  if (error instanceof InputFailure) return error.reason
  const code = systemCodeOf(error)
  if (isPodwrightError(error) || !code || !/^(Z_|ZSTD_|ERR_)/.test(code)) return error
  return new ArchiveError('ERR_ARCHIVE_COMPRESSION', `decompress ${compression}: ${reasonOf(error)}`, {
    cause: error,
    hint: 'The data is damaged or cut short: fetch it again.',
    retryable: true,
  })
}

function reasonOf(error: unknown): string {
  return systemCodeOf(error) === 'Z_BUF_ERROR' ? 'the data ends too soon' : messageOf(error)
}

/** So many pieces lie before and behind a (de)compressor, so that its pool thread waits neither for a read of the input nor for whoever takes what comes out. */
const piecesAhead = 4

/** Options of a (de)compressor. */
export function streamOptions(chunkSize: number): { chunkSize: number; highWaterMark: number } {
  return { chunkSize, highWaterMark: piecesAhead * chunkSize }
}
