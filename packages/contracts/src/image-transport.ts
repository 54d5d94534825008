import type { AbortOptions } from '@podwright/conventions'
import type { Descriptor, Digest } from '@podwright/oci'

/** A manifest, index or artifact manifest as bytes, with the descriptor that they were verified against. */
export interface ManifestRecord {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/** How a blob's bytes are read. */
export interface ReadBlobOptions extends AbortOptions {
  /**
   * Whether a chunk isn't looked at any more once 1 MiB more has come, so that its memory may be used again. A source need not make use of it.
   *
   * @default false
   */
  readonly transient?: boolean | undefined
}

/** Options of reading a blob. */
export interface OpenBlobOptions extends ReadBlobOptions {
  /** Where to begin, in bytes. A source that can't begin there begins at 0 and says so in `offset`. @default 0 */
  readonly offset?: number | undefined
}

/** A blob's bytes from `offset` on, not verified: whoever stores them verifies digest and size. */
export interface BlobStream {
  readonly offset: number
  readonly chunks: AsyncIterable<Uint8Array>
}

/** A place that an image can be read from: a registry, a layout, an archive, an engine's storage. */
export interface ImageSource extends AsyncDisposable {
  /** With its transport, such as `docker://docker.io/library/debian:12`; for messages. */
  readonly reference: string
  /** The manifest or index that the reference names, or the one of `digest` beside it. Verified. */
  manifest(digest?: Digest, options?: AbortOptions): Promise<ManifestRecord>
  openBlob(descriptor: Descriptor, options?: OpenBlobOptions): Promise<BlobStream>
}

/** Events of a destination that takes a blob in. */
export type BlobProgress =
  | { readonly type: 'blob:start'; readonly descriptor: Descriptor; readonly offsetBytes: number }
  | { readonly type: 'blob:progress'; readonly descriptor: Descriptor; readonly completeBytes: number }
  | { readonly type: 'blob:complete'; readonly descriptor: Descriptor }
  | { readonly type: 'blob:exists'; readonly descriptor: Descriptor }
  /** A layer is packed anew before it is handed over; bytes of what it was. */
  | { readonly type: 'layer:repack'; readonly descriptor: Descriptor; readonly completeBytes: number }
  | { readonly type: 'layer:repacked'; readonly descriptor: Descriptor }
  | { readonly type: 'layer:unpack'; readonly descriptor: Descriptor; readonly completeBytes: number }
  | { readonly type: 'layer:complete'; readonly descriptor: Descriptor }
  | { readonly type: 'blob:retry'; readonly descriptor: Descriptor; readonly attempt: number; readonly reason: string }

/** Options of handing a blob over. */
export interface PutBlobOptions extends AbortOptions {
  readonly onProgress?: ((event: BlobProgress) => void) | undefined
}

/** Reads a blob from an offset; a destination calls it with what it has on disk already, and again after a broken stream. */
export type OpenBlob = (offset: number, options?: ReadBlobOptions) => Promise<BlobStream>

/** What a destination can hold. What an image is not is made of it by `copyImage`, or refused where its digests are to be preserved. */
export interface ImageAcceptance {
  /** Of manifests and indexes. @default either */
  readonly format?: 'oci' | 'docker' | undefined
  /** Of layers. @default any */
  readonly compression?: 'none' | 'gzip' | 'zstd' | undefined
  /** False: single images only. @default true */
  readonly indexes?: boolean | undefined
  /** False: images only, nothing else that has a manifest. @default true */
  readonly artifacts?: boolean | undefined
}

/** Options of handing over bytes whose descriptor isn't known. */
export interface PutStreamOptions extends AbortOptions {
  /** What the digest must turn out to be, where that is known. A destination that has it need not read the bytes. */
  readonly expected?: Digest | undefined
}

/** A place that an image can be written to. Nothing is visible under a name before `commit`; disposal without it drops the rest. */
export interface ImageDestination extends AsyncDisposable {
  readonly reference: string
  /** False when an index can't be put without every manifest that it lists. @default true */
  readonly sparseIndex?: boolean | undefined
  /** @default whatever an image may be */
  readonly accepts?: ImageAcceptance | undefined
  /** The format that other readers of the place expect; an image gets it unless its digests are to be preserved, or another was asked for. @default the image's own */
  readonly prefers?: 'oci' | 'docker' | undefined
  /** Called for each image manifest before its blobs, so that a destination which unpacks can do so as they arrive. */
  begin(manifest: ManifestRecord, options?: PutBlobOptions): Promise<void>
  /** Whether the blob is there and need not be sent. */
  hasBlob(descriptor: Descriptor, options?: AbortOptions): Promise<boolean>
  /** Takes a blob in, verified by digest and size. Several may be under way at a time. The config comes before the layers. */
  putBlob(descriptor: Descriptor, open: OpenBlob, options?: PutBlobOptions): Promise<void>
  /**
   * Takes in a blob that comes into being on its way, such as a layer that is compressed anew: digest and size are found out here. A
   * chunk is good only until the next one is asked for. May be called before `begin`. A destination without it gets such a blob by `putBlob`, after it was kept in a temporary file.
   */
  putStream?(chunks: AsyncIterable<Uint8Array>, options?: PutStreamOptions): Promise<Pick<Descriptor, 'digest' | 'size'>>
  /** Takes a manifest or index in; what it refers to has been put before. */
  putManifest(manifest: ManifestRecord, options?: AbortOptions): Promise<void>
  /** Makes `top` (the manifest or index put last) visible under the destination's name. */
  commit(top: Descriptor, options?: PutBlobOptions): Promise<void>
}
