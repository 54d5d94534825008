import type { BlobStream, ImageSource, ManifestRecord } from '@podwright/contracts'
import { type Descriptor, parseManifest } from '@podwright/oci'
import type { FileTree, OpenFileOptions } from '../files/file-tree.ts'
import { blobName, blobNotFound, layoutInvalid, readDocument, readLayoutIndex } from './layout-files.ts'
import { chooseEntry, type EntryChoice, imageNotFound } from './layout-names.ts'

/** An image in the files of a layout. Disposal leaves the files open. */
export function layoutImage(tree: FileTree, reference: string, choice: EntryChoice): ImageSource {
  return {
    reference,
    manifest: async (digest, { signal } = {}): Promise<ManifestRecord> => {
      signal?.throwIfAborted()
      const entry = digest === undefined ? await readEntry(tree, choice) : undefined
      const wanted = entry?.digest ?? digest!
      const bytes = await readDocument(tree, wanted, { signal })
      const { mediaType } = parseManifest(bytes, entry?.mediaType)
      return { descriptor: { mediaType, digest: wanted, size: bytes.byteLength }, bytes }
    },
    openBlob: (descriptor, options = {}) => openBlob(tree, descriptor, options),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function readEntry(tree: FileTree, choice: EntryChoice): Promise<Descriptor> {
  const index = await readLayoutIndex(tree)
  if (index === undefined) throw imageNotFound(tree, choice, [])
  return chooseEntry(tree, index, choice)
}

async function openBlob(tree: FileTree, { digest, size }: Descriptor, { offset = 0, ...options }: OpenFileOptions): Promise<BlobStream> {
  const file = await tree.open(blobName(digest), { offset, ...options })
  if (file === undefined) throw blobNotFound(tree, digest)
  if (file.sizeBytes === size) return { offset, chunks: file.chunks }
  throw layoutInvalid(tree, `its blob ${digest} has ${file.sizeBytes} bytes, not ${size}`)
}
