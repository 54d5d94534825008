import type { Descriptor } from '@podwright/oci'

/** How much of a digest is shown: as docker. */
const shownDigits = 12

/** A blob's short name: `a1b2c3d4e5f6`. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, shownDigits)
}

/** Whether a blob is a layer; an image's only other blob is its config. */
export function isLayer({ mediaType }: Descriptor): boolean {
  return !/\.config\.|container\.image\.v1\+json$|\.empty\.v1\+json$/.test(mediaType)
}

/** What a blob is: `layer a1b2c3d4e5f6`, `config a1b2c3d4e5f6`. */
export function blobName(descriptor: Descriptor): string {
  return `${isLayer(descriptor) ? 'layer' : 'config'} ${shortDigest(descriptor.digest)}`
}
