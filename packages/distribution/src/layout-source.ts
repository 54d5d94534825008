import type { ImageSource } from '@podwright/contracts'

/** Options of `createLayoutSource`. */
export interface LayoutSourceOptions {
  /** The image's `org.opencontainers.image.ref.name`, or the digest of one in index.json. @default the only one there is */
  readonly name?: string | undefined
}

/** Reads an image from an OCI image layout: a directory with oci-layout, index.json and blobs (image-spec v1.1, image-layout.md). */
export function createLayoutSource(_directory: string, _options: LayoutSourceOptions = {}): ImageSource {
  throw new Error('pending')
}
