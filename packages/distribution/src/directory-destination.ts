import type { ImageDestination } from '@podwright/contracts'
import { emitProgress, systemCodeOf } from '@podwright/conventions'
import type { Descriptor } from '@podwright/oci'
import { join } from 'node:path'
import { dirBlobName, dirInvalid, dirManifestName, dirNestedName, dirVersion, dirVersionText } from './internal/dir/dir-files.ts'
import { putBlobFile, putStreamFile, putWholeFile } from './internal/files/blob-files.ts'
import { directoryTree } from './internal/files/directory-tree.ts'
import { makeDirectory } from './internal/files/make-directory.ts'
import { syncDirectory } from './internal/files/sync-directory.ts'
import { writing } from './internal/files/write-failure.ts'
import { liesElsewhere } from './internal/foreign-layer.ts'

/** What we, or skopeo, may have put into such a directory before. */
const ourFiles = /^(?:(?:[a-z0-9]+-)?[0-9a-f]{64,}(?:\.manifest\.json)?|signature-\d+|manifest\.json|\.podwright-[0-9a-f-]+)$/

/**
 * Writes an image into a directory as skopeo's `dir:` has it. The directory is made when it isn't there; an image that was in it is replaced when the new one is
 * whole, and its files are deleted then. One writer at a time.
 *
 * Its methods throw DistributionError `ERR_IMAGE_DIRECTORY_INVALID` for a directory that holds something else, `ERR_BLOB_DIGEST_MISMATCH`,
 * `ERR_BLOB_SIZE_MISMATCH`, `ERR_DISK_FULL`, `ERR_WRITE_FAILED`.
 */
export function createDirectoryDestination(directory: string): ImageDestination {
  const tree = directoryTree(directory)
  const kept = new Set<string>()
  const growing = new Set<string>()
  let begun: Promise<void> | undefined

  const begin = (): Promise<void> => (begun ??= prepare(directory))
  const grow = (): string => {
    const path = join(directory, `.podwright-${globalThis.crypto.randomUUID()}`)
    growing.add(path)
    return path
  }
  return {
    reference: `dir:${directory}`,
    sparseIndex: false,
    begin,
    hasBlob: async (descriptor) => {
      if (liesElsewhere(descriptor)) return true
      const name = dirBlobName(descriptor.digest)
      if ((await tree.sizeOf(name)) !== descriptor.size) return false
      kept.add(name)
      return true
    },
    putBlob: async (descriptor, open, request = {}) => {
      await begin()
      const name = dirBlobName(descriptor.digest)
      await putBlobFile({ growing: grow(), final: join(directory, name) }, descriptor, open, request)
      kept.add(name)
      emitProgress(request.onProgress, { type: 'blob:complete', descriptor })
    },
    putStream: async (chunks, request = {}) => {
      await begin()
      const blob = await putStreamFile(grow(), (digest) => join(directory, dirBlobName(digest)), chunks, request)
      kept.add(dirBlobName(blob.digest))
      return blob
    },
    putManifest: async ({ descriptor, bytes }) => {
      await begin()
      const name = dirNestedName(descriptor.digest)
      await putWholeFile({ growing: grow(), final: join(directory, name) }, bytes)
      kept.add(name)
    },
    commit: async (top) => {
      await syncDirectory(directory)
      await commit(directory, top)
      await syncDirectory(directory)
      kept.delete(dirNestedName(top.digest))
      await removeFiles(directory, (name) => name !== dirManifestName && !kept.has(name) && ourFiles.test(name))
    },
    [Symbol.asyncDispose]: async () => {
      const { rm } = await import('node:fs/promises')
      for (const path of growing) await rm(path, { force: true })
    },
  }
}

/** A directory that holds something else is left alone. */
async function prepare(directory: string): Promise<void> {
  const { readdir, readFile } = await import('node:fs/promises')
  const files = await readdir(directory).catch((error: unknown): string[] => {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw dirInvalid(directory, 'it is no directory that can be read', error)
  })
  if (files.every((name) => name.startsWith('.podwright-'))) {
    await writing(directory, () => makeDirectory(directory))
    return putWholeFile(
      { growing: join(directory, `.podwright-${globalThis.crypto.randomUUID()}`), final: join(directory, 'version') },
      Buffer.from(dirVersionText),
    )
  }
  const version = files.includes('version') ? await readFile(join(directory, 'version'), 'latin1') : ''
  if (dirVersion.exec(version)?.[1] !== '1') throw dirInvalid(directory, 'it has files, but no "version" that says what they are')
}

async function commit(directory: string, top: Descriptor): Promise<void> {
  const { rename } = await import('node:fs/promises')
  const final = join(directory, dirManifestName)
  await writing(final, () => rename(join(directory, dirNestedName(top.digest)), final))
}

async function removeFiles(directory: string, isGone: (name: string) => boolean): Promise<void> {
  const { readdir, rm } = await import('node:fs/promises')
  for (const name of await readdir(directory)) if (isGone(name)) await rm(join(directory, name), { force: true })
}
