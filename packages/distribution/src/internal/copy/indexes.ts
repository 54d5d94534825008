import type { ImageDestination, ImageSource } from '@podwright/contracts'
import type { Descriptor, Digest } from '@podwright/oci'
import type { CopiedImage, CopyOptions } from '../../copy-image.ts'
import { DistributionError } from '../../errors.ts'
import type { ImageFormat } from '../layer-types.ts'
import { formatOf, notPreserved } from './conversion.ts'
import type { CopyPlan, PlannedIndex } from './plan.ts'
import { rewriteIndex } from './rewrite-manifest.ts'

/** A copy of which the images are known. */
export interface IndexWork {
  readonly plan: CopyPlan
  readonly source: ImageSource
  readonly destination: ImageDestination
  readonly options: CopyOptions
}

/** What becomes of the indexes: none is put, they are put as they are, or made smaller. */
export interface IndexArrangement extends IndexWork {
  readonly kind: 'dropped' | 'kept' | 'reduced'
}

/**
 * Decides before anything is copied.
 *
 * @throws DistributionError `ERR_CONVERSION_UNSUPPORTED`, `ERR_DIGESTS_NOT_PRESERVED`
 */
export function arrangeIndexes(work: IndexWork): IndexArrangement {
  const { plan, source, destination, options } = work
  const { indexes = true } = destination.accepts ?? {}
  const isSparse = destination.sparseIndex !== false
  const { platforms = 'one' } = options
  const isOne = platforms === 'one' || (platforms !== 'all' && platforms.length === 1 && !indexes)
  if (plan.indexes.length === 0) return { ...work, kind: 'dropped' }
  if (isOne && !(isSparse && indexes)) return { ...work, kind: 'dropped' }
  if (!indexes) throw noIndexes(source, destination)
  if (isSparse || !plan.indexes.some(({ isPart }) => isPart)) return { ...work, kind: 'kept' }
  if (options.preserveDigests === true) {
    throw notPreserved({ source: source.reference, destination: destination.reference }, 'its index would list less')
  }
  return { ...work, kind: 'reduced' }
}

/** Puts the indexes that lead to the images. @returns what the destination's name shall lead to */
export async function putIndexes(
  { plan, source, destination, options, kind }: IndexArrangement,
  images: readonly CopiedImage[],
  replaced: ReadonlyMap<Digest, Descriptor>,
): Promise<Descriptor> {
  const isOne = (options.platforms ?? 'one') === 'one'
  // A part of an index can't be kept when what it lists has become something else.
  if (kind === 'dropped' || (isOne && replaced.size > 0)) return images[0]!.manifest
  const known = new Map(replaced)
  let top = plan.top.descriptor
  for (const index of plan.indexes) {
    const record = indexAs(index, kind, known, wantedFormat(destination, options))
    if (options.preserveDigests === true && record !== index.record)
      throw notPreserved({ source: source.reference, destination: destination.reference }, 'its index would change')
    await destination.putManifest(record, { signal: options.signal })
    known.set(index.record.descriptor.digest, record.descriptor)
    top = record.descriptor
  }
  return top
}

function wantedFormat({ accepts, prefers }: ImageDestination, options: CopyOptions): ImageFormat | undefined {
  return options.format ?? accepts?.format ?? (options.preserveDigests === true ? undefined : prefers)
}

function indexAs(
  { record, chosen, isPart }: PlannedIndex,
  kind: 'kept' | 'reduced',
  replaced: ReadonlyMap<Digest, Descriptor>,
  asked: ImageFormat | undefined,
): PlannedIndex['record'] {
  const own = formatOf(record.descriptor.mediaType)
  const changed = chosen.some(({ digest }) => (replaced.get(digest)?.digest ?? digest) !== digest)
  const entries = chosen.map((entry) => replaced.get(entry.digest) ?? entry)
  // A list of Docker's can't have images of OCI in it.
  const format = asked ?? (changed && entries.some(({ mediaType }) => formatOf(mediaType) === 'oci') ? 'oci' : own)
  if (!changed && format === own && !(isPart && kind === 'reduced')) return record
  return rewriteIndex(record, format, chosen, replaced)
}

function noIndexes(source: ImageSource, destination: ImageDestination): DistributionError {
  return new DistributionError(
    'ERR_CONVERSION_UNSUPPORTED',
    `cannot copy ${source.reference} to ${destination.reference}: it can hold single images, no index of several`,
    { hint: 'Copy the image for one platform, or to a place that holds indexes, such as oci-archive:.' },
  )
}
