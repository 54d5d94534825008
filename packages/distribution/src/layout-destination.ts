import type { ImageDestination } from '@podwright/contracts'
import { emitProgress } from '@podwright/conventions'
import {
  type Descriptor,
  digestAlgorithm,
  encodeDocument,
  type ImageIndex,
  isForeignLayerMediaType,
  loadDigestAlgorithm,
  mediaTypes,
} from '@podwright/oci'
import { join } from 'node:path'
import { blobPath, layoutVersion, nameAnnotation, readLayoutIndex } from './internal/layout/layout-files.ts'
import { replaceFile } from './internal/layout/replace-file.ts'
import { verifiedChunks } from './internal/verified-chunks.ts'

/** Options of `createLayoutDestination`. */
export interface LayoutDestinationOptions {
  /** The image's `org.opencontainers.image.ref.name`; an image that has it loses it. @default none */
  readonly name?: string | undefined
}

/**
 * Writes an image into an OCI image layout, which is made when it isn't there. Files appear under their names when they are whole; blobs of a copy that
 * failed stay, under no image. Two writers at once into one layout are not supported: the last to commit wins.
 *
 * Its methods throw DistributionError `ERR_LAYOUT_INVALID`, `ERR_BLOB_DIGEST_MISMATCH`, `ERR_BLOB_SIZE_MISMATCH`.
 */
export function createLayoutDestination(directory: string, options: LayoutDestinationOptions = {}): ImageDestination {
  const { name } = options
  const reference = `oci:${directory}${name === undefined ? '' : `:${name}`}`
  return {
    reference,
    // Other tools take an index at its word.
    sparseIndex: false,
    begin: async () => {
      // Before anything is written: a directory that holds something else is left alone.
      if ((await readLayoutIndex(directory)) === undefined) {
        await replaceFile(join(directory, 'oci-layout'), [encodeDocument({ imageLayoutVersion: layoutVersion })])
      }
    },
    hasBlob: async (descriptor) => isElsewhere(descriptor) || hasFile(blobPath(directory, descriptor.digest), descriptor.size),
    putBlob: async (descriptor, open, { signal, onProgress } = {}) => {
      await loadDigestAlgorithm(digestAlgorithm(descriptor.digest))
      const operation = `write the blob ${descriptor.digest} to ${reference}`
      await replaceFile(blobPath(directory, descriptor.digest), verifiedChunks(descriptor, open, operation, { signal, onProgress }))
      emitProgress(onProgress, { type: 'blob:complete', descriptor })
    },
    putManifest: async ({ descriptor, bytes }) => replaceFile(blobPath(directory, descriptor.digest), [bytes]),
    commit: async (top) => {
      const entry = name === undefined ? top : { ...top, annotations: { ...top.annotations, [nameAnnotation]: name } }
      const index = withEntry((await readLayoutIndex(directory))?.manifests ?? [], entry, name)
      await replaceFile(join(directory, 'index.json'), [encodeDocument(index)])
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

/** A name belongs to one entry; an entry without a name stands once. */
function withEntry(entries: readonly Descriptor[], entry: Descriptor, name: string | undefined): ImageIndex {
  const others = entries.filter((other) => {
    const otherName = other.annotations?.[nameAnnotation]
    return name === undefined ? otherName !== undefined || other.digest !== entry.digest : otherName !== name
  })
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [...others, entry] }
}

async function hasFile(path: string, size: number): Promise<boolean> {
  const { stat } = await import('node:fs/promises')
  return stat(path).then(
    (found) => found.isFile() && found.size === size,
    () => false,
  )
}

/** A layer that may not be handed on lies at its URLs, for everybody. */
function isElsewhere({ mediaType, urls = [] }: Descriptor): boolean {
  return isForeignLayerMediaType(mediaType) && urls.length > 0
}
