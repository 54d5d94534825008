import type { AbortOptions, ProgressOptions } from '@podwright/conventions'
import type { Digest, ImageConfig, Platform } from '@podwright/oci'
import type { StoredImage } from './storage.ts'

/** How far the making of an image is. Sent about every MiB. */
export type CommitProgress =
  /** Bytes of the layer's tar that are written. */
  { readonly type: 'commit:layer'; readonly completeBytes: number } | { readonly type: 'commit:unpack'; readonly completeBytes: number }

/** What a new image is given, whatever it is made of. */
export interface NewImageOptions extends AbortOptions, ProgressOptions<CommitProgress> {
  /** Full names. @default none */
  readonly names?: readonly string[] | undefined
  /** How the documents are written. @default 'oci' */
  readonly format?: 'oci' | 'docker' | undefined
  /** Given the config of the image below, or a minimal one; what it makes of `rootfs`, `history` and `created` is set anew. @default unchanged */
  readonly changeConfig?: ((config: ImageConfig) => ImageConfig) | undefined
  readonly author?: string | undefined
  /** The history's comment. */
  readonly message?: string | undefined
  /** The history's command. @default none */
  readonly createdBy?: string | undefined
  /** @default now */
  readonly created?: Date | undefined
  /** Annotations of the manifest; `oci` only. @default none */
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** Options of `StorageTrees.commitSnapshot`. */
export interface CommitSnapshotOptions extends NewImageOptions {
  /** All layers become one, with the snapshot's. @default false */
  readonly squash?: boolean | undefined
  /** Paths that are left out, with all below them; from the tree's root, `/etc/hosts`. @default none */
  readonly exclude?: readonly string[] | undefined
  /**
   * The snapshot ends with the commit: where the driver can, its tree becomes the layer without being copied. Nothing may be mounted on it.
   *
   * @default false
   */
  readonly consume?: boolean | undefined
}

/** Options of `StorageTrees.importTree`. */
export interface ImportTreeOptions extends NewImageOptions {
  /** @default the host's */
  readonly platform?: Platform | undefined
}

/** A tree: of a snapshot as it is now, of an image, or of an image's layers up to one. */
export type TreeReference = { readonly snapshot: string } | { readonly image: Digest } | { readonly layer: Digest }

/** What became of one path. */
export interface TreeChange {
  readonly kind: 'added' | 'changed' | 'deleted'
  /** From the tree's root: `/etc/passwd`. Bytes that are not UTF-8 are shown as U+FFFD. */
  readonly path: string
}

/** Options of `StorageTrees.diffTree`. */
export interface DiffTreeOptions extends AbortOptions {
  /** @default what a snapshot is on; what an image has without its topmost layer */
  readonly against?: TreeReference | undefined
}

/** Trees in and out. */
export interface StorageTrees {
  /**
   * Makes an image of what a snapshot has changed, on top of the image that it is on. A snapshot that is written to meanwhile gives some state in
   * between; pause what writes first.
   *
   * @throws `ERR_SNAPSHOT_NOT_FOUND`, `ERR_SNAPSHOT_MOUNTED` (to consume), `ERR_STORAGE_FULL`
   */
  commitSnapshot(key: string, options?: CommitSnapshotOptions): Promise<StoredImage>
  /** Makes an image of one layer out of a tar: uncompressed, gzip or zstd. @throws `ERR_ARCHIVE_…` */
  importTree(tar: AsyncIterable<Uint8Array>, options?: ImportTreeOptions): Promise<StoredImage>
  /** The whole tree as a tar. Closes itself when it is read to the end or left. @throws `ERR_SNAPSHOT_NOT_FOUND`, `ERR_IMAGE_NOT_FOUND` */
  exportTree(tree: TreeReference, options?: AbortOptions): AsyncIterable<Uint8Array>
  /** What differs, sorted by path; the directories that lead to it are `changed` when their own attributes are. */
  diffTree(tree: TreeReference, options?: DiffTreeOptions): Promise<TreeChange[]>
}
