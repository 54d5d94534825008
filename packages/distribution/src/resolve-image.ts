import type { ImageSource, ManifestRecord } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError, messageOf } from '@podwright/conventions'
import { formatReference, type Reference } from '@podwright/oci'
import { DistributionError } from './errors.ts'
import { createRegistrySource, type RegistrySourceOptions, type RegistryTransportComponents } from './registry-source.ts'

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
 * @throws DistributionError `ERR_IMAGE_NOT_RESOLVED` with the reason of each, when there were several; of one alone, its own error
 */
export async function resolveImage(
  components: RegistryTransportComponents,
  candidates: readonly Reference[],
  options: ResolveImageOptions = {},
): Promise<ResolvedImage> {
  const failures: { readonly reference: string; readonly error: unknown }[] = []
  for (const reference of candidates) {
    options.signal?.throwIfAborted()
    try {
      options.onCandidate?.(reference)
      const source = createRegistrySource(components, reference, options)
      return { reference, source, manifest: await source.manifest(undefined, { signal: options.signal }) }
    } catch (error) {
      options.signal?.throwIfAborted()
      if (candidates.length === 1 || !isPodwrightError(error)) throw error
      failures.push({ reference: formatReference(reference), error })
    }
  }
  throw notResolved(failures)
}

function notResolved(failures: readonly { readonly reference: string; readonly error: unknown }[]): DistributionError {
  const reasons = failures.map(({ reference, error }) => `${reference}: ${messageOf(error)}`).join('; ')
  return new DistributionError('ERR_IMAGE_NOT_RESOLVED', `cannot find the image at any of ${failures.length} places: ${reasons}`, {
    cause: new AggregateError(failures.map(({ error }) => error)),
    retryable: failures.some(({ error }) => isPodwrightError(error) && error.retryable),
    hint: 'Type the full name with its registry.',
    details: {
      candidates: failures.map(({ reference, error }) => ({ reference, code: isPodwrightError(error) ? error.code : undefined })),
    },
  })
}
