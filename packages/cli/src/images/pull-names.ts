import type { Descriptor } from '@podwright/oci'

/** How much of a digest is shown: as docker. */
const shownDigits = 12

/** A blob's short name: `a1b2c3d4e5f6`. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, shownDigits)
}

/** What a blob is: `layer a1b2c3d4e5f6`, `config a1b2c3d4e5f6`. */
export function blobName({ mediaType, digest }: Descriptor): string {
  const kind = /\.config\.|container\.image\.v1\+json$/.test(mediaType) ? 'config' : 'layer'
  return `${kind} ${shortDigest(digest)}`
}
