import type { ImageDestination, ImageSource, OpenBlob } from '@podwright/contracts'
import { type AbortOptions, emitProgress, systemClock } from '@podwright/conventions'
import type { Descriptor, Digest, Platform } from '@podwright/oci'
import type { CopyOptions } from '../../copy-image.ts'
import type { PlannedImage } from './plan.ts'
import { resumableBlob } from './resumable-blob.ts'

/** One image to copy. */
export interface ImageWork {
  readonly source: ImageSource
  readonly destination: ImageDestination
  readonly image: PlannedImage
  /** Blobs that are there by now; added to. */
  readonly copied: Set<Digest>
  readonly options: CopyOptions
  /** What became of layers that were compressed anew, by their old digests; added to. */
  readonly converted: Map<Digest, Descriptor>
  /** Whether no index chose it, so that only its config tells the platform. */
  readonly single: boolean
  /** Platforms that were asked for; undefined when it was left to the machine, or all were. */
  readonly wanted: readonly Platform[] | undefined
}

export const defaults = { concurrency: 6, retries: 5, backoffMs: 500 } as const

/** Puts a blob unless it is there. */
export async function copyBlob(
  { destination, copied, options }: ImageWork,
  descriptor: Descriptor,
  open: OpenBlob,
  { signal }: AbortOptions,
): Promise<void> {
  const { onProgress } = options
  if (copied.has(descriptor.digest)) return
  if (await destination.hasBlob(descriptor, { signal })) emitProgress(onProgress, { type: 'blob:exists', descriptor })
  else await destination.putBlob(descriptor, open, { signal, onProgress })
  copied.add(descriptor.digest)
}

/** Reads a blob of the source, over what breaks off. */
export function openerOf({ source, options }: ImageWork, descriptor: Descriptor): OpenBlob {
  return resumableBlob(source, descriptor, {
    retries: options.retries ?? defaults.retries,
    backoffMs: options.backoffMs ?? defaults.backoffMs,
    clock: options.clock ?? systemClock,
    onProgress: options.onProgress,
  })
}

/** An image may have the same layer twice; it is sent once. */
export function uniqueBlobs(descriptors: readonly Descriptor[]): Descriptor[] {
  return [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()]
}
