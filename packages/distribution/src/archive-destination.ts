import type { ImageDestination } from '@podwright/contracts'
import { formatReference } from '@podwright/oci'
import { type ImageArchiveWriterOptions, openImageArchiveWriter } from './image-archive-writer.ts'
import type { DockerArchiveImageName, OciArchiveImageName } from './image-names.ts'
import { DistributionError } from './errors.ts'
import { formatImageName } from './image-names.ts'

/** Options of `openArchiveDestination`. */
export interface ArchiveDestinationOptions extends Pick<ImageArchiveWriterOptions, 'temporaryDirectory'> {
  /** Full names that the image gets besides its own. @default none */
  readonly additionalNames?: readonly string[] | undefined
}

/**
 * Opens an archive for one image: a file that is there is replaced when the image is whole. `openImageArchiveWriter` takes several.
 *
 * @throws DistributionError `ERR_TRANSPORT_UNSUPPORTED` for a name that chooses by number or digest, `ERR_WRITE_FAILED`
 */
export async function openArchiveDestination(
  name: DockerArchiveImageName | OciArchiveImageName,
  { additionalNames = [], ...options }: ArchiveDestinationOptions = {},
): Promise<ImageDestination> {
  const names = [...new Set([...namesIn(name), ...additionalNames])]
  const writer = await openImageArchiveWriter(name.path, { ...options, format: name.transport })
  const destination = writer.destination(names)
  return {
    ...destination,
    reference: formatImageName(name),
    commit: async (top, request = {}) => {
      await destination.commit(top, request)
      await writer.finish({ signal: request.signal })
    },
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  }
}

function namesIn(name: DockerArchiveImageName | OciArchiveImageName): string[] {
  if (name.index !== undefined || (name.transport === 'oci-archive' && name.digest !== undefined)) {
    throw new DistributionError(
      'ERR_TRANSPORT_UNSUPPORTED',
      `cannot write to ${formatImageName(name)}: only a name can be given to an image`,
    )
  }
  if (name.transport === 'oci-archive') return name.name === undefined ? [] : [name.name]
  return name.reference === undefined ? [] : [formatReference(name.reference)]
}
