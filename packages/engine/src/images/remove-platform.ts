import type { RemovedImage, RemoveImageOptions, StoredImage } from '@podwright/contracts'
import type { Platform } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import { noteRemoval } from '../events/note-image.ts'
import type { EngineParts } from '../parts.ts'
import { requireLocalImage } from './find-image.ts'
import { storedVariants, variantFor } from './find-platform.ts'
import { lockImages } from './image-lock.ts'
import { collectOrphans, releaseImage, removeImage } from './remove.ts'

/** Takes away what is here of a name for one platform. The name stays as long as there is something for another. */
export async function removePlatform(
  parts: EngineParts,
  reference: string,
  platform: Platform,
  options: RemoveImageOptions,
): Promise<RemovedImage> {
  const storage = await parts.storage()
  const { image: named, name } = requireLocalImage(storage, reference)
  const { top, images } = await storedVariants(storage, name)
  const image = variantFor(images, reference, platform)
  const heir = images.find(({ id }) => id !== image.id)
  if (heir === undefined) return await removeImage(parts, reference, options)
  checkNames(image, name, options)
  const removed = await (async (): Promise<RemovedImage> => {
    using _lock = await lockImages(parts, 'alone', options)
    await releaseImage(parts, image.id, reference, options)
    // Whoever is killed in between leaves an image without a name, which a prune takes.
    const moves = named.id === image.id && image.names.includes(name)
    if (moves && options.dryRun !== true) await storage.tagImage(heir.id, name, { manifest: top })
    const gone = await storage.removeImage(image.id, { ...options, force: true })
    return { ...gone, untagged: gone.untagged.filter((one) => one !== name) }
  })()
  if (options.dryRun === true) return removed
  await noteRemoval(parts, removed, image.id)
  await collectOrphans(parts)
  return removed
}

/** @throws `ERR_IMAGE_OPTION_INVALID` */
function checkNames({ id, names }: StoredImage, name: string, { force }: RemoveImageOptions): void {
  const others = names.filter((one) => one !== name)
  if (others.length === 0 || force === true) return
  throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot remove that image of ${name}: it has other names, ${others.join(', ')}`, {
    hint: 'By force they go with it.',
    details: { imageId: id, names: others },
  })
}
