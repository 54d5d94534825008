import { DistributionError } from '../../errors.ts'

/** @param place the archive's path */
export function invalidArchive(place: string, reason: string, cause?: unknown): DistributionError {
  return new DistributionError('ERR_IMAGE_ARCHIVE_INVALID', `cannot use ${place} as an archive of images: ${reason}`, {
    cause,
    details: { place },
  })
}
