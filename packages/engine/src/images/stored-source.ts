import type { ImageSource, Storage, StoredImage } from '@podwright/contracts'
import { parseManifest } from '@podwright/oci'
import type { FoundImage } from './find-image.ts'

/**
 * Reads a stored image by the one manifest that it came in by, also where its name leads to an index: of that, other images need not be here.
 */
export async function openStoredImage(storage: Storage, { image, name }: FoundImage): Promise<ImageSource> {
  const source = await storage.source(name)
  const digest = await ownManifest(source, image)
  return {
    reference: source.reference,
    manifest: (asked = digest, options) => source.manifest(asked, options),
    openBlob: (descriptor, options) => source.openBlob(descriptor, options),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  }
}

async function ownManifest(source: ImageSource, image: StoredImage): Promise<StoredImage['id']> {
  const { bytes, descriptor } = await source.manifest()
  const parsed = parseManifest(bytes, descriptor.mediaType)
  if (parsed.kind === 'manifest') return descriptor.digest
  const own = new Set(image.manifests.map(({ digest }) => digest))
  return parsed.index.manifests.find(({ digest }) => own.has(digest))?.digest ?? image.manifests[0]?.digest ?? descriptor.digest
}
