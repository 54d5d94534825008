import type { ImageSource, ManifestRecord } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import type { Reference } from '@podwright/oci'
import type { RegistrySourceOptions, RegistryTransportComponents } from './registry-source.ts'

/** Options of `resolveImage`. */
export interface ResolveImageOptions extends AbortOptions, RegistrySourceOptions {
  /** Called before each candidate is asked for. */
  readonly onCandidate?: ((reference: Reference) => void) | undefined
}

/** The candidate that was found. */
export interface ResolvedImage {
  readonly reference: Reference
  readonly source: ImageSource
  /** Its top manifest or index; the source has it at hand, too. */
  readonly manifest: ManifestRecord
}

/**
 * Finds the first of several names (`resolveShortName` gives them) that leads to an image.
 *
 * @throws `ERR_IMAGE_NOT_RESOLVED` with the reason of each, when there were several; of one alone, its own error
 */
export async function resolveImage(
  _components: RegistryTransportComponents,
  _candidates: readonly Reference[],
  _options: ResolveImageOptions = {},
): Promise<ResolvedImage> {
  throw new Error('pending')
}
