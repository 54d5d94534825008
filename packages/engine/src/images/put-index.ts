import type { ImageDestination, ImageSource } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { type Descriptor, isIndexMediaType } from '@podwright/oci'
import { EngineError } from '../errors.ts'

/**
 * Puts an index without its images, which must be there.
 *
 * @throws `ERR_IMAGE_OPTION_INVALID` for what is no index, and where none can be
 */
export async function putIndexAlone(source: ImageSource, to: ImageDestination, { signal }: AbortOptions): Promise<Descriptor> {
  const index = await source.manifest(undefined, { signal })
  if (!isIndexMediaType(index.descriptor.mediaType)) {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot copy the index of ${source.reference}: it is a single image`)
  }
  if (to.accepts?.indexes === false) {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot copy an index to ${to.reference}: it can hold single images alone`)
  }
  await to.putManifest(index, { signal })
  await to.commit(index.descriptor, { signal })
  return index.descriptor
}
