import type { ArchiveOrigin, LoadedImage, LoadOptions, Storage } from '@podwright/contracts'
import { isPodwrightError } from '@podwright/conventions'
import { type ArchivedImage, type ImageArchiveFormat, openImageArchive } from '@podwright/distribution'
import { formatReference, normalizeReference } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import type { EngineParts } from '../parts.ts'
import { nameToGive } from './tag.ts'
import { transfer } from './transfer.ts'

/** Takes every image of an archive in, with the names that it has there. */
export async function loadImages(parts: EngineParts, origin: ArchiveOrigin, options: LoadOptions): Promise<LoadedImage[]> {
  const storage = await parts.storage()
  const input = typeof origin === 'string' ? origin : (origin as AsyncIterable<Uint8Array>)
  await using archive = await openImageArchive(input, { signal: options.signal })
  if (archive.images.length === 0) {
    throw new EngineError('ERR_IMAGE_ARCHIVE', `cannot load ${typeof origin === 'string' ? origin : 'the stream'}: there is no image in it`)
  }
  const loaded: LoadedImage[] = []
  for (const image of archive.images) loaded.push(await loadOne({ parts, storage, format: archive.format }, image, options))
  return loaded
}

interface Loading {
  readonly parts: EngineParts
  readonly storage: Storage
  readonly format: ImageArchiveFormat
}

async function loadOne({ parts, storage, format }: Loading, archived: ArchivedImage, options: LoadOptions): Promise<LoadedImage> {
  const names = [...new Set(archived.names.flatMap((name) => nameFor(name, format) ?? []))]
  await using source = archived.source()
  await using destination = await storage.destination(names[0], { names: names.slice(1), signal: options.signal })
  const { images } = await transfer(parts, source, destination, options)
  const manifest = images[0]?.manifest.digest
  const image = storage.listImages().find(({ manifests }) => manifests.some(({ digest }) => digest === manifest))
  if (image === undefined) throw new EngineError('ERR_IMAGE_ARCHIVE', `cannot load ${source.reference}: it holds no image for this machine`)
  return { image, names }
}

/**
 * The full name of what an archive calls so: docker's are short for docker.io, what a layout has is a full name or anything at all. Undefined: none
 * can be made of it, and the image comes without a name.
 */
function nameFor(text: string, format: ImageArchiveFormat): string | undefined {
  try {
    return format === 'docker-archive' ? formatReference(normalizeReference(text)) : nameToGive(text)
  } catch (error) {
    if (isPodwrightError(error)) return undefined
    throw error
  }
}
