import type { Digest } from '@podwright/oci'
import { DistributionError } from '../../errors.ts'

/** @param operation "cannot …" */
export function diffIdMismatch(operation: string, expected: Digest, found: Digest): DistributionError {
  return new DistributionError(
    'ERR_DIFF_ID_MISMATCH',
    `cannot ${operation}: it unpacks to bytes with the digest ${found}, not ${expected} as the image's config says`,
    { details: { expected, found } },
  )
}
