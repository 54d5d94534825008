import type { ImageName } from '@podwright/contracts'
import { emitProgress, messageOf, type ProgressOptions } from '@podwright/conventions'
import { copyImage, type CopyOptions, type CopyProgress, type CopyResult } from './copy-image.ts'
import { DistributionError } from './errors.ts'
import { formatImageName } from './image-names.ts'
import type { ImageTransports } from './image-transports.ts'

/** One image of a sync: where from, and where to. */
export interface SyncPair {
  readonly source: ImageName
  readonly destination: ImageName
}

/** What happens during a sync. */
export type SyncProgress =
  | { readonly type: 'sync:image'; readonly pair: SyncPair; readonly number: number }
  | { readonly type: 'sync:copied'; readonly pair: SyncPair; readonly result: CopyResult }
  | { readonly type: 'sync:failed'; readonly pair: SyncPair; readonly error: unknown }
  | CopyProgress

/** Options of `syncImages`: those of each copy, and of the whole. */
export interface SyncOptions extends Omit<CopyOptions, 'onProgress'>, ProgressOptions<SyncProgress> {
  /** Whether to go on after an image that can't be copied. @default false */
  readonly keepGoing?: boolean | undefined
  /** Only says what would be copied: the report has it, nothing is read or written. @default false */
  readonly dryRun?: boolean | undefined
}

/** What a sync came to, in order. */
export interface SyncReport {
  readonly copied: readonly { readonly pair: SyncPair; readonly result: CopyResult | undefined }[]
  readonly failed: readonly { readonly pair: SyncPair; readonly error: unknown }[]
}

/**
 * Copies images one after the other: what is there already is not sent. `syncPairs` makes the list of a repository.
 *
 * @throws the first failure; with `keepGoing`, `ERR_SYNC_INCOMPLETE` at the end, whose `details.report` has all of them
 */
export async function syncImages(
  transports: ImageTransports,
  pairs: AsyncIterable<SyncPair> | Iterable<SyncPair>,
  options: SyncOptions = {},
): Promise<SyncReport> {
  const { signal, onProgress, keepGoing = false, dryRun = false } = options
  const copied: { readonly pair: SyncPair; readonly result: CopyResult | undefined }[] = []
  const failed: { readonly pair: SyncPair; readonly error: unknown }[] = []
  for await (const pair of pairs) {
    signal?.throwIfAborted()
    emitProgress(onProgress, { type: 'sync:image', pair, number: copied.length + failed.length })
    try {
      const result = dryRun ? undefined : await copyPair(transports, pair, options)
      copied.push({ pair, result })
      if (result !== undefined) emitProgress(onProgress, { type: 'sync:copied', pair, result })
    } catch (error) {
      signal?.throwIfAborted()
      if (!keepGoing) throw error
      failed.push({ pair, error })
      emitProgress(onProgress, { type: 'sync:failed', pair, error })
    }
  }
  const report = { copied, failed }
  if (failed.length > 0) throw incomplete(report)
  return report
}

async function copyPair(transports: ImageTransports, { source, destination }: SyncPair, options: SyncOptions): Promise<CopyResult> {
  await using from = await transports.openSource(source, options)
  await using to = await transports.openDestination(destination, { signal: options.signal, source })
  return await copyImage(from, to, options)
}

function incomplete(report: SyncReport): DistributionError {
  const { copied, failed } = report
  const first = failed[0]!
  return new DistributionError(
    'ERR_SYNC_INCOMPLETE',
    `cannot sync ${failed.length} of ${copied.length + failed.length} images; the first was ${formatImageName(first.pair.source)}: ${messageOf(first.error)}`,
    { cause: new AggregateError(failed.map(({ error }) => error)), details: { report } },
  )
}
