import { emitProgress } from '@podwright/conventions'
import { type Descriptor, encodeDocument, mediaTypes } from '@podwright/oci'
import type { ArchiveParts } from '../../image-archive-writer.ts'
import { liesElsewhere } from '../foreign-layer.ts'
import { blobName, layoutVersion } from '../layout/layout-files.ts'
import { withEntry } from '../layout/layout-names.ts'
import { createTarBlobs } from '../tar/tar-blobs.ts'
import type { TarFile } from '../tar/tar-file.ts'

/**
 * An OCI image layout in a tar. Its directories are in it: who unpacks it without root makes those that are not for root (containers/image, and so skopeo and
 * podman), which it then may not.
 */
export function createOciArchiveParts(tar: TarFile, reference: string): ArchiveParts {
  const blobs = createTarBlobs(tar, reference, blobName)
  let entries: readonly Descriptor[] = []
  let directories: Promise<void> | undefined
  const makeDirectories = async (): Promise<void> => {
    for (const name of ['blobs/', 'blobs/sha256/']) await tar.addDirectory(name)
  }
  return {
    destination: (names) => ({
      reference: names[0] === undefined ? reference : `${reference}:${names[0]}`,
      sparseIndex: false,
      prefers: 'oci',
      begin: () => (directories ??= makeDirectories()),
      hasBlob: async (descriptor) => liesElsewhere(descriptor) || blobs.sizeOf(descriptor.digest) === descriptor.size,
      putBlob: async (descriptor, open, options = {}) => {
        await blobs.put(descriptor, open, options)
        emitProgress(options.onProgress, { type: 'blob:complete', descriptor })
      },
      putStream: (chunks, options = {}) => blobs.putStream(chunks, options),
      putManifest: ({ descriptor, bytes }) => blobs.putBytes(descriptor, bytes),
      commit: async (top) => {
        for (const name of names.length === 0 ? [undefined] : names) entries = withEntry(entries, top, name)
      },
      [Symbol.asyncDispose]: async () => {},
    }),
    close: async () => {
      const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries }
      await tar.add([encodeDocument(index)], () => 'index.json')
      await tar.add([encodeDocument({ imageLayoutVersion: layoutVersion })], () => 'oci-layout')
    },
  }
}
