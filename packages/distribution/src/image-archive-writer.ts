import type { ImageDestination } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'
import { createDockerArchiveParts } from './internal/docker-archive/docker-archive-parts.ts'
import type { ArchiveOutput } from './internal/files/output-file.ts'
import { openOutputFile } from './internal/files/output-file.ts'
import { createOciArchiveParts } from './internal/archive/oci-archive-parts.ts'
import { createTarFile, type TarFile } from './internal/tar/tar-file.ts'

export type { ArchiveOutput } from './internal/files/output-file.ts'

/** Options of `openImageArchiveWriter`. */
export interface ImageArchiveWriterOptions {
  /** @default 'docker-archive' */
  readonly format?: 'docker-archive' | 'oci-archive' | undefined
  /** Where an archive grows that goes to a stream or a pipe. @default TMPDIR, else /var/tmp, else the system's */
  readonly temporaryDirectory?: string | undefined
}

/** An archive that is being written. Its disposal before `finish` leaves nothing of it, and what was there before as it was. */
export interface ImageArchiveWriter extends AsyncDisposable {
  readonly format: 'docker-archive' | 'oci-archive'
  /**
   * Where one more image goes; it is in the archive with its commit. Layers that images share are written once.
   *
   * @param names full names with tags for `docker-archive`; for `oci-archive` what the image shall be called there
   */
  destination(names?: readonly string[]): ImageDestination
  /** Completes the archive, in place of a file that was there, or sends it. @throws DistributionError `ERR_DISK_FULL`, `ERR_WRITE_FAILED` */
  finish(options?: AbortOptions): Promise<void>
}

/** What a format puts into a tar. */
export interface ArchiveParts {
  destination(names: readonly string[]): ImageDestination
  /** Adds what lists the images. */
  close(): Promise<void>
}

/**
 * Begins an archive of any number of images: `docker-archive`, which every engine loads, or `oci-archive`, which keeps manifests, indexes and digests as they are.
 *
 * @throws DistributionError `ERR_WRITE_FAILED`
 */
export async function openImageArchiveWriter(output: ArchiveOutput, options: ImageArchiveWriterOptions = {}): Promise<ImageArchiveWriter> {
  const { format = 'docker-archive', temporaryDirectory } = options
  const outputFile = await openOutputFile(output, temporaryDirectory)
  const tar: TarFile = createTarFile(outputFile.file, outputFile.place)
  const reference = `${format}:${typeof output === 'string' ? output : '-'}`
  const parts = format === 'docker-archive' ? createDockerArchiveParts(tar, reference) : createOciArchiveParts(tar, reference)
  return {
    format,
    destination: (names = []) => parts.destination(names),
    finish: async ({ signal } = {}) => {
      await parts.close()
      await outputFile.publish(await tar.finish(), signal)
    },
    [Symbol.asyncDispose]: () => outputFile[Symbol.asyncDispose](),
  }
}
