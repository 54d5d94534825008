import type { Storage, StoredImage } from '@podwright/contracts'
import { type Digest, formatPlatform, normalizePlatform, parseManifest, type Platform } from '@podwright/oci'
import { EngineError } from '../errors.ts'
import { findList } from '../manifests/find-list.ts'
import { findLocalImage, type FoundImage, requireLocalImage } from './find-image.ts'

/** The images that are here of what a name leads to: one, or several of an index. */
export interface StoredVariants {
  /** What the name leads to: a manifest, or the index that they came in by. */
  readonly top: Digest
  /** In the order of the index. */
  readonly images: readonly StoredImage[]
}

/**
 * Finds what is here of a name for one platform, be the name an image's, that of an index of which several images are here, or a list's.
 *
 * @throws `ERR_IMAGE_NOT_FOUND`, `ERR_IMAGE_OPTION_INVALID` when it is not here for the platform
 */
export async function requirePlatform(storage: Storage, typed: string, platform: Platform | undefined): Promise<FoundImage> {
  if (platform === undefined) return requireLocalImage(storage, typed)
  const name = await nameOfVariants(storage, typed)
  const { images } = await storedVariants(storage, name)
  return { image: variantFor(images, typed, platform), name }
}

/** Those of an index that were never fetched, or are gone, are left out. */
export async function storedVariants(storage: Storage, name: string): Promise<StoredVariants> {
  await using source = await storage.source(name)
  const { bytes, descriptor } = await source.manifest()
  const parsed = parseManifest(bytes, descriptor.mediaType)
  const digests = parsed.kind === 'index' ? parsed.index.manifests.map(({ digest }) => digest) : [descriptor.digest]
  const byManifest = new Map<Digest, StoredImage>()
  for (const image of storage.listImages()) for (const { digest } of image.manifests) byManifest.set(digest, image)
  const images = new Set(digests.flatMap((digest) => byManifest.get(digest) ?? []))
  return { top: descriptor.digest, images: [...images] }
}

/**
 * The image that is for just this platform, as docker has it: one that would merely run there is another.
 *
 * @throws `ERR_IMAGE_OPTION_INVALID`
 */
export function variantFor(images: readonly StoredImage[], typed: string, platform: Platform): StoredImage {
  const wanted = spelled(platform)
  const found = images.find((image) => spelled(image.platform) === wanted)
  if (found !== undefined) return found
  const here = images.map((image) => spelled(image.platform))
  throw new EngineError(
    'ERR_IMAGE_OPTION_INVALID',
    `"${typed}" is not here for ${wanted}${here.length === 0 ? '' : `, but for ${here.join(', ')}`}`,
    {
      hint: `podwright pull --platform ${wanted} ${typed} fetches it, where a registry has it.`,
      details: { reference: typed, platform: wanted, here },
    },
  )
}

async function nameOfVariants(storage: Storage, typed: string): Promise<string> {
  const list = findLocalImage(storage, typed) === undefined ? await findList(storage, typed) : undefined
  return list?.name ?? requireLocalImage(storage, typed).name
}

function spelled(platform: Platform): string {
  return formatPlatform(normalizePlatform(platform))
}
