import type { AbortOptions } from '@podwright/conventions'
import type { Descriptor, Digest, ImageConfig, Platform } from '@podwright/oci'
import type { ImageDestination, ImageSource } from './image-transport.ts'
import type { MountSpec } from './mount.ts'
import type { IdMap } from './namespace.ts'

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

/** Options of a new snapshot. */
export interface PrepareSnapshotOptions extends AbortOptions {
  /** The image below; none makes an empty tree. */
  readonly image?: Digest | undefined
  /** Ids as the files in the tree shall have them; default as stored. */
  readonly idMap?: IdMap | undefined
  /** @default false */
  readonly readOnly?: boolean | undefined
  /** Keeps `collectGarbage` from giving the snapshot up before its owner is recorded elsewhere. */
  readonly lease?: Lease | undefined
}

/** Options of `Storage.removeName`. */
export interface RemoveNameOptions extends AbortOptions {
  /** The image stays, though it was its last name. @default false */
  readonly keepImage?: boolean | undefined
}

/** What `removeName` and `removeImage` did. */
export interface RemovedImage {
  readonly untagged: readonly string[]
  /** Ids of the images deleted. */
  readonly deleted: readonly Digest[]
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
}

/** What a garbage collection freed. */
export interface GarbageReport {
  readonly blobs: number
  readonly layers: number
  readonly snapshots: number
  readonly freedBytes: number
}

/** Holds what it names against garbage collection while a writer works; released by the kernel when the process dies. */
export interface Lease extends AsyncDisposable {
  readonly id: string
}

/** Content, layers, images and snapshots on disk. Implemented by `storage`. All paths are absolute. */
export interface Storage extends AsyncDisposable {
  readonly root: string
  /** Name of the driver in use; `auto` until the first image or snapshot made the storage choose. */
  driverName(): string
  /** A lease for work that spans several calls. */
  lease(options?: AbortOptions): Promise<Lease>

  /** Finds an image by full name, name with digest, id, or unambiguous id prefix. */
  findImage(reference: string): StoredImage | undefined
  /** All images, the newest first. */
  listImages(): StoredImage[]
  /** The image's parsed config. */
  imageConfig(id: Digest): Promise<ImageConfig>
  /** Adds a name to an image, taking it from another that has it. */
  tagImage(id: Digest, name: string): Promise<void>
  /** Takes one name away; the image itself goes when it was the last and nothing uses it. */
  removeName(name: string, options?: RemoveNameOptions): Promise<RemovedImage>
  /** @throws `ERR_IMAGE_IN_USE` when a snapshot is on it; `ERR_IMAGE_HAS_NAMES` when it has several names and `force` is not set. */
  removeImage(id: Digest, options?: AbortOptions & { readonly force?: boolean }): Promise<RemovedImage>

  /** Where a copy into this storage goes; `name` is the full name it gets at commit. */
  destination(name: string): Promise<ImageDestination>
  /** Reads a stored image, as kept. */
  source(reference: string): Promise<ImageSource>

  /** Makes a snapshot under `key`. @throws `ERR_SNAPSHOT_EXISTS` */
  prepareSnapshot(key: string, options?: PrepareSnapshotOptions): Promise<Snapshot>
  /** The snapshot of that key. Cheap: no namespace is entered. */
  snapshot(key: string): Promise<Snapshot | undefined>
  /** Keys of all snapshots. */
  listSnapshots(): string[]
  /** Removes it; what is mounted on it must have been unmounted. Not there is no error. */
  removeSnapshot(key: string, options?: AbortOptions): Promise<void>

  /** Deletes what nothing reaches, nothing leases and nothing young. */
  collectGarbage(options?: GarbageOptions): Promise<GarbageReport>
}
