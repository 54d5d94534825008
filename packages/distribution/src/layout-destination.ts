import type { ImageDestination } from '@podwright/contracts'
import { emitProgress } from '@podwright/conventions'
import { type Descriptor, type Digest, digestAlgorithm, encodeDocument, mediaTypes } from '@podwright/oci'
import { join } from 'node:path'
import { DistributionError } from './errors.ts'
import { directoryTree } from './internal/files/directory-tree.ts'
import { syncDirectory } from './internal/files/sync-directory.ts'
import { liesElsewhere } from './internal/foreign-layer.ts'
import { putLayoutBlob, putLayoutFile, putLayoutStream } from './internal/layout/layout-blobs.ts'
import { requireLayout } from './internal/layout/layout-directory.ts'
import { blobName, layoutVersion } from './internal/layout/layout-files.ts'
import { withLayoutLock } from './internal/layout/layout-lock.ts'
import { withEntry } from './internal/layout/layout-names.ts'
import { type LayoutSession, openLayoutSession } from './internal/layout/layout-session.ts'

/** Options of `createLayoutDestination`. */
export interface LayoutDestinationOptions {
  /** The image's `org.opencontainers.image.ref.name`; an image that has it loses it. @default none */
  readonly name?: string | undefined
}

/**
 * Writes an image into an OCI image layout, which is made when it isn't there. Files appear under their names when they are whole; blobs of a copy that
 * failed stay, under no image, and one that broke off is continued by the next copy. Several may write at a time: no name is lost.
 *
 * Its methods throw DistributionError `ERR_LAYOUT_INVALID`, `ERR_BLOB_DIGEST_MISMATCH`, `ERR_BLOB_SIZE_MISMATCH`, `ERR_DISK_FULL`, `ERR_WRITE_FAILED`.
 */
export function createLayoutDestination(directory: string, options: LayoutDestinationOptions = {}): ImageDestination {
  const { name } = options
  const reference = `oci:${directory}${name === undefined ? '' : `:${name}`}`
  const tree = directoryTree(directory)
  /** What the image needs, with its sizes: a deletion may be under way. */
  const needed = new Map<Digest, number>()
  let session: Promise<LayoutSession> | undefined

  const opened = (): Promise<LayoutSession> => (session ??= begin(directory))
  const closed = async (succeeded: boolean): Promise<void> => {
    const ending = session
    session = undefined
    await (await ending?.catch(() => undefined))?.close(succeeded)
  }
  const isThere = async ({ digest, size }: Descriptor): Promise<boolean> => (await tree.sizeOf(blobName(digest))) === size

  return {
    reference,
    // Other tools take an index at its word.
    sparseIndex: false,
    prefers: 'oci',
    begin: async () => void (await opened()),
    hasBlob: async (descriptor) => {
      if (liesElsewhere(descriptor)) return true
      if (!(await isThere(descriptor))) return false
      needed.set(descriptor.digest, descriptor.size)
      return true
    },
    putBlob: async (descriptor, open, request = {}) => {
      await putLayoutBlob(directory, await opened(), descriptor, open, request)
      needed.set(descriptor.digest, descriptor.size)
      emitProgress(request.onProgress, { type: 'blob:complete', descriptor })
    },
    putStream: async (chunks, request = {}) => {
      const blob = await putLayoutStream(directory, await opened(), chunks, request)
      needed.set(blob.digest, blob.size)
      return blob
    },
    putManifest: async ({ descriptor, bytes }) => {
      await putLayoutFile(directory, await opened(), blobName(descriptor.digest), bytes)
      needed.set(descriptor.digest, descriptor.size)
    },
    commit: async (top, { signal } = {}) => {
      const own = await opened()
      const update = async (): Promise<void> => {
        const { manifests = [] } = (await requireLayout(directory)) ?? {}
        for (const [digest, size] of needed) if (!(await isThere({ mediaType: '', digest, size }))) throw deleted(reference, digest)
        const algorithms = new Set([...needed.keys()].map((digest) => digestAlgorithm(digest)))
        for (const algorithm of algorithms) await syncDirectory(join(directory, 'blobs', algorithm))
        const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: withEntry(manifests, top, name) }
        await putLayoutFile(directory, own, 'index.json', encodeDocument(index))
        await syncDirectory(directory)
      }
      await withLayoutLock(directory, update, { signal })
      await closed(true)
    },
    [Symbol.asyncDispose]: () => closed(false),
  }
}

/** Before anything is written: a directory that holds something else is left alone. */
async function begin(directory: string): Promise<LayoutSession> {
  const index = await requireLayout(directory)
  const session = await openLayoutSession(directory)
  if (index === undefined) {
    await putLayoutFile(directory, session, 'oci-layout', encodeDocument({ imageLayoutVersion: layoutVersion }))
  }
  return session
}

function deleted(reference: string, digest: Digest): DistributionError {
  return new DistributionError('ERR_LAYOUT_INVALID', `cannot write ${reference}: its blob ${digest} was deleted meanwhile`, {
    retryable: true,
    hint: 'Run it again.',
    details: { digest },
  })
}
