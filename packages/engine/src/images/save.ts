import type { ArchiveTarget, ImageDestination, SavedReference, SaveOptions, Storage } from '@podwright/contracts'
import { createDirectoryDestination, createLayoutDestination, openImageArchiveWriter } from '@podwright/distribution'
import type { Platform } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import type { FoundImage } from './find-image.ts'
import { requirePlatform } from './find-platform.ts'
import { openStoredImage } from './stored-source.ts'
import { nameToGive } from './tag.ts'
import { transfer } from './transfer.ts'

/** An image to save, and what it is called there. */
interface Saved {
  readonly found: FoundImage
  readonly names: readonly string[]
}

/** Writes images into an archive or a directory. Every one is looked up before anything is written. */
export async function saveImages(
  parts: EngineParts,
  references: readonly SavedReference[],
  target: ArchiveTarget,
  options: SaveOptions,
): Promise<void> {
  const storage = await parts.storage()
  const images = mergeNames(await Promise.all(references.map((reference) => savedImage(storage, reference, options.platform))))
  const { format = 'docker-archive' } = options
  if (format === 'docker-archive' || format === 'oci-archive') return saveArchive(parts, images, target, { ...options, format })
  if (typeof target !== 'string') {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot save as ${format} into a stream: it is a directory`, {
      hint: 'Name one with -o.',
    })
  }
  if (format === 'docker-dir' && images.length > 1) {
    throw new EngineError('ERR_IMAGE_OPTION_INVALID', `cannot save ${images.length} images as docker-dir: such a directory holds one`)
  }
  for (const image of images) await saveInto(parts, image, directoryDestination(image, target, format), options)
}

async function saveArchive(
  parts: EngineParts,
  images: readonly Saved[],
  target: ArchiveTarget,
  options: SaveOptions & { readonly format: 'docker-archive' | 'oci-archive' },
): Promise<void> {
  await using writer = await openImageArchiveWriter(target, { format: options.format })
  for (const image of images) await saveInto(parts, image, writer.destination(image.names), options)
  await writer.finish({ signal: options.signal })
}

async function saveInto(parts: EngineParts, { found }: Saved, to: ImageDestination, options: SaveOptions): Promise<void> {
  const { signal, onProgress, format, compress } = options
  await using destination = to
  await using source = await openStoredImage(await parts.storage(), found)
  await transfer(parts, source, destination, {
    signal,
    onProgress,
    ...(format === 'docker-dir' && { format: 'docker' }),
    ...(compress === true && { compression: 'gzip' }),
  })
}

function directoryDestination({ names }: Saved, path: string, format: 'oci-dir' | 'docker-dir'): ImageDestination {
  return format === 'docker-dir' ? createDirectoryDestination(path) : createLayoutDestination(path, { name: names[0] })
}

/** An image that is named by its id alone has no name there. */
async function savedImage(storage: Storage, { reference, names }: SavedReference, platform: Platform | undefined): Promise<Saved> {
  const found = await requirePlatform(storage, reference, platform)
  const own = found.name === found.image.id || found.name.includes('@') || isId(found, reference) ? [] : [found.name]
  return { found, names: names === undefined ? own : [...own, ...names.map(nameToGive)] }
}

function isId({ image }: FoundImage, typed: string): boolean {
  return image.id.startsWith(typed) || image.id.slice(image.id.indexOf(':') + 1).startsWith(typed)
}

/** Two names of one image are one image with two names. */
function mergeNames(images: readonly Saved[]): readonly Saved[] {
  const merged = new Map<string, Saved>()
  for (const image of images) {
    const known = merged.get(image.found.image.id)
    merged.set(image.found.image.id, known === undefined ? image : { ...known, names: [...new Set([...known.names, ...image.names])] })
  }
  return [...merged.values()]
}
