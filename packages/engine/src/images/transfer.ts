import type { ConversionOptions, ImageDestination, ImageSource, TransferProgress } from '@podwright/contracts'
import { type AbortOptions, emitProgress, type ProgressOptions } from '@podwright/conventions'
import { copyImage, type CopyOptions, type CopyResult } from '@podwright/distribution'
import type { EngineParts } from '../parts.ts'

/** How an image goes from one place to another. */
export interface TransferOptions
  extends
    AbortOptions,
    ConversionOptions,
    ProgressOptions<TransferProgress>,
    Pick<CopyOptions, 'platform' | 'platforms' | 'preserveDigests'> {}

/** Copies an image, converted where that is asked for or the destination wants it, and says so as the engine's events. */
export function transfer(
  parts: EngineParts,
  source: ImageSource,
  destination: ImageDestination,
  options: TransferOptions,
): Promise<CopyResult> {
  const { onProgress, platforms = 'one', platform, format, compression, compressionLevel, preserveDigests, signal } = options
  return copyImage(source, destination, {
    platforms,
    platform: platforms === 'one' ? platform : undefined,
    format,
    compression,
    compressionLevel,
    preserveDigests,
    signal,
    clock: parts.clock,
    onProgress: (event) => {
      if (event.type !== 'copy:resolved') return emitProgress<TransferProgress>(onProgress, event)
      const { top, layers, sizeBytes } = event
      const between = { source: source.reference, destination: destination.reference }
      emitProgress<TransferProgress>(onProgress, { type: 'transfer:resolved', ...between, digest: top.digest, layers, sizeBytes })
    },
  })
}
