import type { BlobStream, ImageSource, ManifestRecord } from '@podwright/contracts'
import { systemCodeOf } from '@podwright/conventions'
import { type Descriptor, type Digest, parseManifest } from '@podwright/oci'
import { DistributionError } from './errors.ts'
import { blobNotFound, blobPath, nameAnnotation, readDocument, readLayoutIndex } from './internal/layout/layout-files.ts'

/** Options of `createLayoutSource`. */
export interface LayoutSourceOptions {
  /** The image's `org.opencontainers.image.ref.name`, or the digest of one in index.json. @default the only one there is */
  readonly name?: string | undefined
}

/** Bytes at a time: what a disk is read in best, and a digest computed over. */
const chunkBytes = 256 * 1024

/**
 * Reads an image from an OCI image layout: a directory with oci-layout, index.json and blobs (image-spec v1.1, image-layout.md).
 *
 * Its methods throw DistributionError `ERR_LAYOUT_NOT_FOUND`, `ERR_LAYOUT_INVALID`, `ERR_LAYOUT_AMBIGUOUS`.
 */
export function createLayoutSource(directory: string, options: LayoutSourceOptions = {}): ImageSource {
  const { name } = options
  return {
    reference: `oci:${directory}${name === undefined ? '' : `:${name}`}`,
    manifest: async (digest?: Digest, { signal } = {}): Promise<ManifestRecord> => {
      signal?.throwIfAborted()
      const entry = digest === undefined ? await chooseEntry(directory, name) : undefined
      const wanted = entry?.digest ?? digest
      if (wanted === undefined) throw imageNotFound(directory, name, [])
      const bytes = await readDocument(directory, wanted)
      const { mediaType } = parseManifest(bytes, entry?.mediaType)
      return { descriptor: { mediaType, digest: wanted, size: bytes.byteLength }, bytes }
    },
    openBlob: (descriptor, { offset = 0, signal } = {}) => openFile(directory, descriptor, offset, signal),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function chooseEntry(directory: string, name: string | undefined): Promise<Descriptor> {
  const index = await readLayoutIndex(directory)
  const entries = index?.manifests ?? []
  const names = entries.flatMap(({ annotations }) => annotations?.[nameAnnotation] ?? [])
  const fitting =
    name === undefined ? entries : entries.filter((entry) => entry.annotations?.[nameAnnotation] === name || entry.digest === name)
  const [first] = fitting
  if (first === undefined) throw imageNotFound(directory, name, names)
  // The same image under several names is still one.
  if (name !== undefined || fitting.every(({ digest }) => digest === first.digest)) return first
  throw new DistributionError('ERR_LAYOUT_AMBIGUOUS', `cannot choose an image of the layout ${directory}: there are ${fitting.length}`, {
    hint:
      names.length > 0 ? `Name one of ${names.join(', ')}.` : `Name one by its digest: ${fitting.map(({ digest }) => digest).join(', ')}.`,
    details: { directory, names },
  })
}

function imageNotFound(directory: string, name: string | undefined, names: readonly string[]): DistributionError {
  const what = name === undefined ? 'it has none' : `it has none with the name ${name}`
  return new DistributionError('ERR_LAYOUT_NOT_FOUND', `cannot read an image from the layout ${directory}: ${what}`, {
    details: { directory, name, names },
    ...(names.length > 0 && { hint: `There are ${names.join(', ')}.` }),
  })
}

async function openFile(directory: string, descriptor: Descriptor, offset: number, signal: AbortSignal | undefined): Promise<BlobStream> {
  signal?.throwIfAborted()
  const { open } = await import('node:fs/promises')
  try {
    const file = await open(blobPath(directory, descriptor.digest))
    const { size } = await file.stat()
    if (size === descriptor.size) {
      return {
        offset,
        chunks: file.createReadStream({ start: offset, highWaterMark: chunkBytes, ...(signal !== undefined && { signal }) }),
      }
    }
    await file.close()
    throw new DistributionError(
      'ERR_LAYOUT_INVALID',
      `cannot read ${descriptor.digest} from the layout ${directory}: it has ${size} bytes, not ${descriptor.size}`,
    )
  } catch (error) {
    throw systemCodeOf(error) === 'ENOENT' ? blobNotFound(directory, descriptor.digest, error) : error
  }
}
