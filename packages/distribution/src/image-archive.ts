import type { ImageName, ImageSource } from '@podwright/contracts'
import { readTarArchive } from './internal/archive/read-tar-archive.ts'
import { readDirectoryArchive } from './internal/archive/read-directory-archive.ts'
import type { ArchiveInput, ArchiveInputOptions } from './internal/tar/open-archive-file.ts'

export type { ArchiveInput, ArchiveInputOptions } from './internal/tar/open-archive-file.ts'

/** How images are put into a file or directory. */
export type ImageArchiveFormat = 'docker-archive' | 'oci-archive' | 'oci' | 'dir'

/** Options of `openImageArchive`. */
export interface OpenImageArchiveOptions extends ArchiveInputOptions {
  /** @default by what is in it. What docker 25 and later save is both, and read as `docker-archive` */
  readonly format?: ImageArchiveFormat | undefined
}

/** An image of an archive. */
export interface ArchivedImage {
  /** As they are written there: full names, short ones, in a layout also mere tags. */
  readonly names: readonly string[]
  /** Leads to it alone, where the archive has a path. */
  readonly image: ImageName
  /** Reads it, as long as the archive is open. */
  source(): ImageSource
}

/** An archive that is open for reading. Its disposal closes it. */
export interface ImageArchive extends AsyncDisposable {
  readonly format: ImageArchiveFormat
  /** In the archive's order; those of a layout that have the same digest are one. */
  readonly images: readonly ArchivedImage[]
}

/**
 * Opens what holds images: what docker, podman, skopeo and buildah save, compressed with gzip or zstd or not, from a file or a stream; and directories of `oci:` and
 * `dir:`. Its members are found by their headers, nothing is unpacked; what is compressed, or comes as a stream, is kept in a temporary file meanwhile.
 *
 * @throws DistributionError `ERR_IMAGE_ARCHIVE_NOT_FOUND`, `ERR_IMAGE_ARCHIVE_INVALID`, `ERR_LAYOUT_INVALID`, `ERR_IMAGE_DIRECTORY_INVALID`, `ERR_DISK_FULL`
 */
export async function openImageArchive(input: ArchiveInput, options: OpenImageArchiveOptions = {}): Promise<ImageArchive> {
  return typeof input === 'string' && (await isDirectory(input)) ? readDirectoryArchive(input, options) : readTarArchive(input, options)
}

async function isDirectory(path: string): Promise<boolean> {
  const { stat } = await import('node:fs/promises')
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
