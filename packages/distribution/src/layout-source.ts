import type { ImageSource } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { directoryTree } from './internal/files/directory-tree.ts'
import { requireLayout } from './internal/layout/layout-directory.ts'
import { layoutImage } from './internal/layout/layout-image.ts'

/** Options of `createLayoutSource`: which image. @default the only one there is */
export interface LayoutSourceOptions {
  /** The image's `org.opencontainers.image.ref.name`, or the digest of one in index.json. */
  readonly name?: string | undefined
  /** Of one in index.json. */
  readonly digest?: Digest | undefined
  /** Its place in index.json, from 0. */
  readonly index?: number | undefined
}

/**
 * Reads an image from an OCI image layout: a directory with oci-layout, index.json and blobs (image-spec v1.1, image-layout.md).
 *
 * Its methods throw DistributionError `ERR_LAYOUT_NOT_FOUND`, `ERR_LAYOUT_INVALID`, `ERR_LAYOUT_AMBIGUOUS`.
 */
export function createLayoutSource(directory: string, options: LayoutSourceOptions = {}): ImageSource {
  const { name } = options
  const image = layoutImage(directoryTree(directory), `oci:${directory}${name === undefined ? '' : `:${name}`}`, options)
  return {
    ...image,
    manifest: async (digest, request) => {
      if (digest === undefined) await requireLayout(directory)
      return image.manifest(digest, request)
    },
  }
}
