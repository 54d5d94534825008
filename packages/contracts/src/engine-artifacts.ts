import type { AbortOptions, ProgressOptions } from '@podwright/conventions'
import type { TransferProgress } from './engine-image-transfers.ts'
import type { PushedImage } from './engine-image-transfers.ts'
import type { PullProgress } from './engine-images.ts'
import type { RegistryOptions } from './engine-registries.ts'
import type { ArtifactFile, CreateArtifactOptions, StoredArtifact } from './storage.ts'

/** Which file of an artifact is meant; all when nothing is given. */
export interface ArtifactFileChoice {
  /** By its annotation `org.opencontainers.image.title`. */
  readonly title?: string | undefined
  readonly digest?: string | undefined
}

/** A file that came out of an artifact. */
export interface ExtractedFile {
  /** Absolute. */
  readonly path: string
  readonly title: string | undefined
  readonly digest: string
  readonly sizeBytes: number
}

/** Artifacts: files of any kind, kept and handed on as images are. References are names, or digests and beginnings of them. */
export interface Artifacts {
  add(name: string, files: readonly ArtifactFile[], options?: CreateArtifactOptions): Promise<StoredArtifact>
  list(options?: AbortOptions): Promise<readonly StoredArtifact[]>
  /** @throws `ERR_ARTIFACT_NOT_FOUND` */
  inspect(reference: string, options?: AbortOptions): Promise<StoredArtifact>
  pull(reference: string, options?: RegistryOptions & ProgressOptions<PullProgress>): Promise<StoredArtifact>
  push(
    reference: string,
    destination?: string,
    options?: RegistryOptions & ProgressOptions<TransferProgress>,
  ): Promise<Omit<PushedImage, 'image'>>
  /** Takes the name away, and the artifact with its last one. @returns its digest */
  remove(reference: string, options?: AbortOptions & { readonly dryRun?: boolean | undefined }): Promise<string>
  /** Writes files into a directory that is there, or the one file to a path that isn't. Nothing is written outside. */
  extract(reference: string, target: string, options?: AbortOptions & ArtifactFileChoice): Promise<readonly ExtractedFile[]>
  /** The one file's bytes. */
  read(reference: string, options?: AbortOptions & ArtifactFileChoice): AsyncIterable<Uint8Array>
}
