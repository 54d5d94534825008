import type { BlobStream, ImageSource, ManifestRecord } from '@podwright/contracts'
import { isPodwrightError, messageOf } from '@podwright/conventions'
import { type Descriptor, type Digest, digestAlgorithm, digestOf, loadDigestAlgorithm, parseManifest } from '@podwright/oci'
import { dirBlobName, dirInvalid, dirManifestName, dirNestedName, dirNotFound, dirVersion } from './internal/dir/dir-files.ts'
import { directoryTree } from './internal/files/directory-tree.ts'
import { type FileTree, type OpenFileOptions, readWhole } from './internal/files/file-tree.ts'

const documentMaximumBytes = 4 * 1024 * 1024

/**
 * Reads the image of a directory that `skopeo copy … dir:` or we made: manifest.json, blobs under their hexadecimal digits, and the manifests that an index
 * lists as `HEX.manifest.json`. It says nothing of its digest: whatever lies there is the image.
 *
 * Its methods throw DistributionError `ERR_IMAGE_DIRECTORY_NOT_FOUND`, `ERR_IMAGE_DIRECTORY_INVALID`.
 */
export function createDirectorySource(directory: string): ImageSource {
  const tree = directoryTree(directory)
  return {
    reference: `dir:${directory}`,
    manifest: async (digest, { signal } = {}) => {
      signal?.throwIfAborted()
      if (digest !== undefined) return nested(tree, digest)
      await checkVersion(tree)
      const bytes = await read(tree, dirManifestName)
      if (bytes === undefined) throw dirNotFound(directory, dirManifestName)
      return recordOf(bytes, digestOf(bytes))
    },
    openBlob: (descriptor, options = {}) => openBlob(tree, descriptor, options),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function checkVersion(tree: FileTree): Promise<void> {
  const bytes = await read(tree, 'version')
  const [, major] = bytes === undefined ? [undefined, '1'] : (dirVersion.exec(Buffer.from(bytes).toString()) ?? [])
  if (major !== '1') throw dirInvalid(tree.place, 'its file "version" is not of version 1')
}

async function nested(tree: FileTree, digest: Digest): Promise<ManifestRecord> {
  await loadDigestAlgorithm(digestAlgorithm(digest))
  const bytes = (await read(tree, dirNestedName(digest))) ?? (await topIf(tree, digest))
  if (bytes === undefined) throw dirNotFound(tree.place, `the manifest ${digest}`)
  const found = digestOf(bytes, digestAlgorithm(digest))
  if (found === digest) return recordOf(bytes, digest)
  throw dirInvalid(tree.place, `the bytes of its manifest ${digest} have the digest ${found}`)
}

async function topIf(tree: FileTree, digest: Digest): Promise<Uint8Array | undefined> {
  const bytes = await read(tree, dirManifestName)
  return bytes !== undefined && digestOf(bytes, digestAlgorithm(digest)) === digest ? bytes : undefined
}

function recordOf(bytes: Uint8Array, digest: Digest): ManifestRecord {
  return { descriptor: { mediaType: parseManifest(bytes).mediaType, digest, size: bytes.byteLength }, bytes }
}

async function read(tree: FileTree, name: string): Promise<Uint8Array | undefined> {
  const tooLarge = (size: number): Error => dirInvalid(tree.place, `its ${name} has ${size} bytes, more than ${documentMaximumBytes}`)
  try {
    return await readWhole(tree, name, documentMaximumBytes, tooLarge)
  } catch (error) {
    throw isPodwrightError(error) ? error : dirInvalid(tree.place, messageOf(error), error)
  }
}

async function openBlob(tree: FileTree, { digest, size }: Descriptor, { offset = 0, ...options }: OpenFileOptions): Promise<BlobStream> {
  const file = await tree.open(dirBlobName(digest), { offset, ...options })
  if (file === undefined) throw dirNotFound(tree.place, `the blob ${digest}`)
  if (file.sizeBytes === size) return { offset, chunks: file.chunks }
  throw dirInvalid(tree.place, `its blob ${digest} has ${file.sizeBytes} bytes, not ${size}`)
}
