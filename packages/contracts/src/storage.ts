import type { AbortOptions } from '@podwright/conventions'
import type { Descriptor, Digest, ImageConfig, Platform } from '@podwright/oci'
import type { ImageDestination, ImageSource } from './image-transport.ts'
import type { MountSpec } from './mount.ts'
import type { IdMap } from './namespace.ts'
import type { StorageCare } from './storage-care.ts'
import type { StorageTrees } from './storage-commit.ts'
import type { StoredArtifacts, StoredLists } from './storage-lists.ts'
import type { StorageMounts } from './storage-mounts.ts'

export type * from './storage-care.ts'
export type * from './storage-commit.ts'
export type * from './storage-lists.ts'
export type * from './storage-mounts.ts'

/** An image as storage knows it. One image id (the config's digest) may have several manifests and names. */
export interface StoredImage {
  /** The config's digest, `sha256:…`. */
  readonly id: Digest
  /** Fully qualified names with tag, `docker.io/library/debian:12`; sorted. */
  readonly names: readonly string[]
  /** Fully qualified names with digest, of manifests and of the indexes they came in by. */
  readonly digests: readonly string[]
  readonly manifests: readonly Descriptor[]
  readonly platform: Platform
  /** As the config says; undefined when it does not. */
  readonly created: Date | undefined
  /** Unpacked bytes of its layers. */
  readonly sizeBytes: number
  readonly labels: Readonly<Record<string, string>>
  /** Layer chainIDs, lowest first. */
  readonly layers: readonly Digest[]
  /** Root of the read-only additional store that it is in; undefined for this storage's own. */
  readonly additionalStore?: string | undefined
}

/** A layer of an image. */
export interface StoredLayerInfo {
  readonly chainId: Digest
  /** Of the uncompressed tar. */
  readonly diffId: Digest
  /** Unpacked bytes. */
  readonly sizeBytes: number
}

/** One step of an image's making. */
export interface StoredHistoryStep {
  /** The stored image that has just these steps; of the last step the image itself, of others often none. */
  readonly id: Digest | undefined
  readonly names: readonly string[]
  readonly created: Date | undefined
  readonly createdBy: string
  readonly author: string
  readonly comment: string
  /** Undefined when the step made no layer. */
  readonly layer: StoredLayerInfo | undefined
}

/** Options of `Storage.destination`. */
export interface DestinationOptions extends AbortOptions {
  /** Further full names that it gets at commit. @default none */
  readonly names?: readonly string[] | undefined
  /** Whether what comes is an image, whose layers are unpacked, or an artifact, whose files are kept as they are. @default 'image' */
  readonly kind?: 'image' | 'artifact' | undefined
}

/** A writable (or read-only) view on an image's layers, owned by whoever created it. */
export interface Snapshot {
  /** The owner's key: a container id. */
  readonly key: string
  /** Where the tree is once `mounts` are carried out. Absolute. */
  readonly rootfs: string
  /** In order; none when `rootfs` is a plain directory. */
  readonly mounts: readonly MountSpec[]
  /**
   * The directories that the tree is made of, topmost first, the writable one included; a single one when they aren't stacked. What is
   * world-readable can be looked up in them without mounting anything.
   */
  readonly layers: readonly string[]
}

/** A directory that is not the storage's, as what a tree is made of. The storage never deletes anything in it. */
export interface SnapshotBase {
  /** Absolute. */
  readonly directory: string
  /** Whether what is written stays apart from the directory, and goes with the snapshot; without, the directory itself is the tree. */
  readonly overlay: boolean
}

/** Options of a new snapshot. */
export interface PrepareSnapshotOptions extends AbortOptions {
  /** The image below; none makes an empty tree. */
  readonly image?: Digest | undefined
  /** In place of an image. Files have the ids that they have there. @default none */
  readonly base?: SnapshotBase | undefined
  /** Ids as the files in the tree shall have them; default as stored. */
  readonly idMap?: IdMap | undefined
  /** @default false */
  readonly readOnly?: boolean | undefined
  /** Keeps `collectGarbage` from giving the snapshot up before its owner is recorded elsewhere. */
  readonly lease?: Lease | undefined
}

/** What `removeName` and `removeImage` did. */
export interface RemovedImage {
  readonly untagged: readonly string[]
  /** Ids of the images deleted; of lists and artifacts, their digests. */
  readonly deleted: readonly Digest[]
  /** Of layers and blobs that went with them. */
  readonly freedBytes: number
}

/** Options of `Storage.tagImage`. */
export interface TagOptions {
  /** What the name leads to: a manifest of the image, or an index that it came in by. @default what its last name leads to, else its manifest */
  readonly manifest?: Digest | undefined
}

/** Options of `Storage.untagImage`. */
export interface UntagOptions extends AbortOptions {
  /** Nothing is changed; the answer is what it would be. @default false */
  readonly dryRun?: boolean | undefined
}

/** Options of `Storage.removeName`. */
export interface RemoveNameOptions extends AbortOptions {
  /** The image stays, though it was its last name. @default false */
  readonly keepImage?: boolean | undefined
  /** Nothing is changed; the answer is what it would be. @default false */
  readonly dryRun?: boolean | undefined
}

/** Options of `Storage.removeImage`. */
export interface RemoveStoredImageOptions extends AbortOptions {
  /** Nothing is changed; the answer is what it would be. @default false */
  readonly dryRun?: boolean | undefined
  /** Also with several names. @default false */
  readonly force?: boolean | undefined
}

/** Options of `Storage.collectGarbage`. */
export interface GarbageOptions extends AbortOptions {
  /**
   * Keys of the snapshots that still have an owner. Those of others are removed too, unless a lease that is held made them, or they are young.
   *
   * @default every snapshot has one
   */
  readonly snapshotKeys?: ReadonlySet<string> | undefined
  /** What on disk nobody refers to, such as what a killed pull left, stays this long after its last change. @default 10 minutes */
  readonly minAgeMs?: number | undefined
  /** Nothing is changed; the report says what would go. @default false */
  readonly dryRun?: boolean | undefined
}

/** Something that a collection takes. */
export interface GarbageItem {
  /** `partial`: a blob that was coming in; `staging`: a layer that was being unpacked; `trash`: what was being deleted. */
  readonly kind: 'blob' | 'layer' | 'snapshot' | 'partial' | 'staging' | 'trash'
  /** Digest, key, or path below the root. */
  readonly name: string
  /** As recorded or as the file system says of a file; 0 for trees that nothing is recorded of. */
  readonly sizeBytes: number
}

/** What a garbage collection freed, or would free. */
export interface GarbageReport {
  readonly items: readonly GarbageItem[]
  readonly blobs: number
  readonly layers: number
  readonly snapshots: number
  readonly freedBytes: number
}

/** Holds what it names against garbage collection while a writer works; released by the kernel when the process dies. */
export interface Lease extends AsyncDisposable {
  readonly id: string
}

/** Content, layers, images, lists, artifacts and snapshots on disk. Implemented by `storage`. All paths are absolute. */
export interface Storage extends StoredLists, StoredArtifacts, StorageTrees, StorageMounts, StorageCare, AsyncDisposable {
  readonly root: string
  /** Name of the driver in use; `auto` until the first image or snapshot made the storage choose. */
  driverName(): string
  /** A lease for work that spans several calls. */
  lease(options?: AbortOptions): Promise<Lease>

  /** Finds an image by full name, name with digest, id, or unambiguous id prefix; in this storage first, then in the additional ones. */
  findImage(reference: string): StoredImage | undefined
  /**
   * The image that a full name with tag leads to by exactly this manifest or index, when every blob and unpacked layer of it lies in this storage. Looks for each, and reads
   * none.
   */
  completeImage(name: string, manifest: Digest): Promise<StoredImage | undefined>
  /** All images, the newest first; those of additional stores too. */
  listImages(): StoredImage[]
  /** The image's parsed config. */
  imageConfig(id: Digest): Promise<ImageConfig>
  /** The image's layers, lowest first. */
  imageLayers(id: Digest): Promise<StoredLayerInfo[]>
  /** How the image was made, the newest step first. */
  imageHistory(id: Digest): Promise<StoredHistoryStep[]>
  /** Repositories (`docker.io/library/debian`) that had the blob when an image with it came from there, the latest first. */
  blobLocations(digest: Digest): Promise<readonly string[]>
  /** The bytes of a manifest or config that is here, whatever it belongs to, or was on its way to; not verified. Undefined when it is not here, or is larger than 4 MiB. */
  document(digest: Digest): Promise<Uint8Array | undefined>
  /** Adds a name to an image (by id), or to a list or artifact (by the digest of its manifest), taking it from another that has it. */
  tagImage(id: Digest, name: string, options?: TagOptions): Promise<void>
  /**
   * Takes names away, all of them when none are given; the image (list, artifact) itself stays.
   *
   * @returns the names that were taken away
   * @throws `ERR_IMAGE_NAME_UNKNOWN` when a name does not lead to it; then all stay
   */
  untagImage(id: Digest, names?: readonly string[], options?: UntagOptions): Promise<readonly string[]>
  /** Takes one name away, of an image, list or artifact; the thing itself goes when it was the last and nothing uses it. */
  removeName(name: string, options?: RemoveNameOptions): Promise<RemovedImage>
  /**
   * Deletes an image by id, or a list or artifact by digest.
   *
   * @throws `ERR_IMAGE_IN_USE` when a snapshot is on it; `ERR_IMAGE_HAS_NAMES` when it has several names and `force` is not set;
   *   `ERR_IMAGE_READ_ONLY` when it is in an additional store.
   */
  removeImage(id: Digest, options?: RemoveStoredImageOptions): Promise<RemovedImage>

  /** Starts what unpacks layers, for whoever is about to copy an image into this storage: it takes a moment, in which the registry can be asked. */
  prepareUnpacking(): void
  /** Where a copy into this storage goes; `name` is the full name it gets at commit, if any. */
  destination(name: string | undefined, options?: DestinationOptions): Promise<ImageDestination>
  /**
   * Reads a stored image, list or artifact, as kept: by full name, name with digest, id or digest. Of a list, those members can be read that are stored
   * here.
   */
  source(reference: string): Promise<ImageSource>

  /** Makes a snapshot under `key`. @throws `ERR_SNAPSHOT_EXISTS` */
  prepareSnapshot(key: string, options?: PrepareSnapshotOptions): Promise<Snapshot>
  /** The snapshot of that key. Cheap: no namespace is entered. */
  snapshot(key: string): Promise<Snapshot | undefined>
  /** Keys of all snapshots, without those that `mountImage` made. */
  listSnapshots(): string[]
  /** Removes it; what is mounted on it must have been unmounted. Not there is no error. */
  removeSnapshot(key: string, options?: AbortOptions): Promise<void>
}
