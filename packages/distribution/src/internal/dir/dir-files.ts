import { type Digest, digestAlgorithm, digestHex } from '@podwright/oci'
import { DistributionError } from '../../errors.ts'

/** What a directory of this kind has in its file `version`: "Directory Transport Version: 1.1". */
export const dirVersion: RegExp = /^Directory Transport Version: (\d+)\.(\d+)\n$/

export const dirVersionText = 'Directory Transport Version: 1.1\n'

export const dirManifestName = 'manifest.json'

/** Where a blob lies: under its hexadecimal digits; of another algorithm than sha256, with that in front. */
export function dirBlobName(digest: Digest): string {
  const algorithm = digestAlgorithm(digest)
  return algorithm === 'sha256' ? digestHex(digest) : `${algorithm}-${digestHex(digest)}`
}

/** Where a manifest that an index lists lies. */
export function dirNestedName(digest: Digest): string {
  return `${dirBlobName(digest)}.${dirManifestName}`
}

export function dirInvalid(directory: string, reason: string, cause?: unknown): DistributionError {
  return new DistributionError('ERR_IMAGE_DIRECTORY_INVALID', `cannot use ${directory} as a directory of an image (dir:): ${reason}`, {
    cause,
    details: { directory },
  })
}

export function dirNotFound(directory: string, what: string): DistributionError {
  return new DistributionError('ERR_IMAGE_DIRECTORY_NOT_FOUND', `cannot read ${what} from dir:${directory}: it is not there`, {
    details: { directory },
  })
}
