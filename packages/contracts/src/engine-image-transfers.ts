import type { ProgressOptions } from '@podwright/conventions'
import type { Digest, Platform } from '@podwright/oci'
import type { Readable, Writable } from 'node:stream'
import type { BlobProgress } from './image-transport.ts'
import type { RegistryOptions } from './engine-registries.ts'
import type { CommitProgress, StoredImage } from './storage.ts'

/** How the image's documents are written. */
export type ImageFormat = 'oci' | 'docker'

/** What happens while an image is copied from one place to another. */
export type TransferProgress =
  | BlobProgress
  | {
      readonly type: 'transfer:resolved'
      /** With its transport, where it isn't a registry: `oci:DIRECTORY:NAME`. */
      readonly source: string
      readonly destination: string
      readonly digest: Digest
      readonly layers: number
      readonly sizeBytes: number
    }

/** What an image is turned into on its way. */
export interface ConversionOptions {
  /** @default as it is */
  readonly format?: ImageFormat | undefined
  /** Of layers. @default as they are; what isn't compressed is compressed with gzip where the destination wants that */
  readonly compression?: 'none' | 'gzip' | 'zstd' | undefined
  /** Of layers that are compressed anew; gzip: 1 to 9; zstd: 1 to 22. @default 6 for gzip, 3 for zstd */
  readonly compressionLevel?: number | undefined
}

/** Options of `Images.push`. */
export interface PushOptions extends RegistryOptions, ConversionOptions, ProgressOptions<TransferProgress> {
  /** Of an index or a list, the image that is here for just this platform. @default the image that the name leads to */
  readonly platform?: Platform | undefined
}

/** What `push` came to. */
export interface PushedImage {
  readonly image: StoredImage
  /** Where it went: a full name, or a name with its transport. */
  readonly destination: string
  /** Of the manifest that the destination's name leads to now. */
  readonly digest: Digest
}

/** How to reach one end of a copy, where both may be registries. */
export type EndpointAccess = Omit<RegistryOptions, 'signal'>

/** Options of `Images.copy`. */
export interface CopyImageOptions extends ConversionOptions, ProgressOptions<TransferProgress> {
  readonly signal?: AbortSignal | undefined
  /** Of an index, the image to copy. Contradicts `all`. @default linux on this machine's architecture */
  readonly platform?: Platform | undefined
  /** Every image of an index. @default false */
  readonly all?: boolean | undefined
  /** The index alone: its images must be at the destination. Contradicts `all`, `platform` and conversions. @default false */
  readonly indexOnly?: boolean | undefined
  /** Names beside that of the destination, which is a `docker-archive:` then. @default none */
  readonly additionalNames?: readonly string[] | undefined
  /** Fail rather than write something of another digest. @default false */
  readonly preserveDigests?: boolean | undefined
  readonly from?: EndpointAccess | undefined
  readonly to?: EndpointAccess | undefined
}

/** What `copy` came to. */
export interface CopyImageResult {
  readonly source: string
  readonly destination: string
  /** What the source's name leads to. */
  readonly sourceDigest: Digest
  /** What the destination's leads to now; another one where only one image of an index was taken, or it was converted. */
  readonly digest: Digest
}

/** What `save` writes. `*-dir` are directories. */
export type ArchiveFormat = 'docker-archive' | 'oci-archive' | 'oci-dir' | 'docker-dir'

/** Options of `Images.save`. */
export interface SaveOptions extends ProgressOptions<TransferProgress> {
  readonly signal?: AbortSignal | undefined
  /** @default 'docker-archive' */
  readonly format?: ArchiveFormat | undefined
  /** Layers of `docker-dir` are compressed. @default false */
  readonly compress?: boolean | undefined
  /** Of an index or a list, the image that is here for just this platform. @default the image that the name leads to */
  readonly platform?: Platform | undefined
}

/** An image to save, and the names that it gets in the archive. */
export interface SavedReference {
  readonly reference: string
  /** @default the one it was found by */
  readonly names?: readonly string[] | undefined
}

/** Where an archive goes: an absolute path, or a stream, for `docker-archive` and `oci-archive` only. */
export type ArchiveTarget = string | Writable

/** Where an archive comes from: an absolute path, of a directory too, or a stream. */
export type ArchiveOrigin = string | Readable

/** Options of `Images.load`. */
export interface LoadOptions extends ProgressOptions<TransferProgress> {
  readonly signal?: AbortSignal | undefined
  /** Of an index, the image to take; what is there for another platform only is an error. @default linux on this machine's architecture */
  readonly platform?: Platform | undefined
}

/** An image that came out of an archive. */
export interface LoadedImage {
  readonly image: StoredImage
  /** The names that it has got; none when the archive gave none. */
  readonly names: readonly string[]
}

/** What `import` is given besides the tree. */
export interface ImportOptions extends ProgressOptions<CommitProgress> {
  readonly signal?: AbortSignal | undefined
  /** Name to give. @default none */
  readonly name?: string | undefined
  /** Instructions of a Containerfile: `CMD ["sh"]`. @default none */
  readonly changes?: readonly string[] | undefined
  /** For the history. */
  readonly message?: string | undefined
  /** @default the host's */
  readonly platform?: Platform | undefined
}
