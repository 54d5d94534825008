import type { ListedImage } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { type Descriptor, type Digest, encodeDocument, mediaTypes } from '@podwright/oci'
import { join } from 'node:path'
import type { LayoutImageChoice } from './image-names.ts'
import { directoryTree } from './internal/files/directory-tree.ts'
import { writing } from './internal/files/write-failure.ts'
import { putLayoutFile } from './internal/layout/layout-blobs.ts'
import { requireLayout } from './internal/layout/layout-directory.ts'
import { blobName } from './internal/layout/layout-files.ts'
import { withLayoutLock } from './internal/layout/layout-lock.ts'
import { chooseEntry, imageNotFound, listEntries } from './internal/layout/layout-names.ts'
import { openLayoutSession } from './internal/layout/layout-session.ts'
import { reachedFrom } from './internal/layout/reached.ts'

/**
 * The images of an OCI image layout, in the order of its index.json.
 *
 * @throws DistributionError `ERR_LAYOUT_INVALID`; `ERR_LAYOUT_NOT_FOUND` when the directory is none, or isn't there
 */
export async function listLayoutImages(directory: string): Promise<ListedImage[]> {
  const index = await requireLayout(directory)
  if (index === undefined) throw imageNotFound({ place: directory }, {}, [])
  return listEntries('oci', directory, index)
}

/** What `deleteLayoutImage` did. */
export interface DeletedLayoutImage {
  readonly descriptor: Descriptor
  /** Blobs that nothing else in the layout needs, manifests included. */
  readonly blobs: readonly Digest[]
}

/**
 * Takes an image out of a layout: its name, and of its blobs what no other image there needs. A copy under way that relied on one of them fails at its end and
 * may be run again.
 *
 * @throws DistributionError `ERR_LAYOUT_NOT_FOUND`, `ERR_LAYOUT_AMBIGUOUS`, `ERR_LAYOUT_INVALID`, `ERR_WRITE_FAILED`
 */
export async function deleteLayoutImage(
  { path: directory, ...choice }: LayoutImageChoice,
  options: AbortOptions = {},
): Promise<DeletedLayoutImage> {
  const tree = directoryTree(directory)
  // A directory that is no layout gets no lock.
  if ((await requireLayout(directory)) === undefined) throw imageNotFound(tree, choice, [])
  const remove = async (): Promise<DeletedLayoutImage> => {
    const index = await requireLayout(directory)
    const entry = chooseEntry(tree, index, choice)
    const others = index!.manifests.filter((other) => other !== entry)
    // What can't be read may need anything: before something is deleted, all of it is read.
    const kept = await reachedFrom(tree, others, options)
    const gone = [...(await reachedFrom(tree, [entry], options))].filter((digest) => !kept.has(digest))
    const session = await openLayoutSession(directory)
    try {
      const document = encodeDocument({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: others })
      await putLayoutFile(directory, session, 'index.json', document)
    } finally {
      await session.close(false)
    }
    for (const digest of gone) await removeFile(join(directory, blobName(digest)))
    return { descriptor: entry, blobs: gone }
  }
  return withLayoutLock(directory, remove, options)
}

async function removeFile(path: string): Promise<void> {
  const { rm } = await import('node:fs/promises')
  await writing(path, () => rm(path, { force: true }))
}
