import type { CopyImageOptions, CopyImageResult, ImageDestination } from '@podwright/contracts'
import { type ImageTransports, openArchiveDestination, parseImageName } from '@podwright/distribution'
import { formatReference, normalizeReference } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { putIndexAlone } from './put-index.ts'
import { registryOf } from './registry-of.ts'
import { transfer } from './transfer.ts'
import { openTransports } from './transports.ts'

/** Copies an image from one place to another. */
export async function copyBetween(
  parts: EngineParts,
  source: string,
  destination: string,
  options: CopyImageOptions,
): Promise<CopyImageResult> {
  checkOptions(source, options)
  const { signal } = options
  await using here = await openTransports(parts, registryOf(source), { ...options.from, signal })
  await using there = await openTransports(parts, registryOf(destination), { ...options.to, signal })
  await using from = await here.transports.openSource(source, { signal })
  await using to = await openCopyDestination(there.transports, { source, destination }, options)
  if (options.indexOnly === true) {
    const { digest } = await putIndexAlone(from, to, { signal })
    return { source: from.reference, destination: to.reference, sourceDigest: digest, digest }
  }
  const { top, committed } = await transfer(parts, from, to, { ...options, platforms: options.all === true ? 'all' : 'one' })
  return { source: from.reference, destination: to.reference, sourceDigest: top.digest, digest: committed.digest }
}

function checkOptions(source: string, options: CopyImageOptions): void {
  const { all, indexOnly, platform, format, compression, compressionLevel, additionalNames = [] } = options
  const contradiction =
    all === true && platform !== undefined
      ? 'all images of a list and one platform contradict each other'
      : indexOnly === true && (all === true || platform !== undefined)
        ? 'the index alone, and images of it, contradict each other'
        : indexOnly === true && (format ?? compression ?? compressionLevel) !== undefined
          ? 'an index without its images can not be converted: the digests in it would be wrong'
          : indexOnly === true && additionalNames.length > 0
            ? 'an archive with additional names holds one image, and no index'
            : undefined
  if (contradiction !== undefined) throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot copy ${source}: ${contradiction}`)
}

/** An image can have several names in an archive of docker's, and nowhere else. */
async function openCopyDestination(
  transports: ImageTransports,
  { source, destination }: { readonly source: string; readonly destination: string },
  options: CopyImageOptions,
): Promise<ImageDestination> {
  const { signal, additionalNames = [] } = options
  if (additionalNames.length === 0) return await transports.openDestination(destination, { signal, source })
  const name = destination.startsWith('docker-archive:') ? parseImageName(destination) : undefined
  if (name?.transport !== 'docker-archive') {
    throw new EngineError(
      'ERR_IMAGE_OPTION_INVALID',
      `cannot give an image additional names at ${destination}: only docker-archive: has them`,
      {
        hint: 'Copy it once for each name.',
      },
    )
  }
  return await openArchiveDestination(name, { additionalNames: additionalNames.map((one) => formatReference(normalizeReference(one))) })
}
