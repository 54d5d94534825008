import type { AbortOptions, ProgressOptions } from '@podwright/conventions'
import type { Digest } from '@podwright/oci'
import type { GarbageOptions, GarbageReport, RemovedImage, StoredImage } from './storage.ts'
import type { SnapshotUsage } from './storage-driver.ts'

/** What an image takes. All are unpacked bytes but `blobBytes`. */
export interface ImageUsage {
  readonly id: Digest
  readonly sizeBytes: number
  /** Of layers that other images have too. */
  readonly sharedBytes: number
  /** Of layers that it alone has. */
  readonly uniqueBytes: number
  /** Kept blobs of it that no other image has: they go with it besides. */
  readonly blobBytes: number
  /** Keys of the snapshots on it. */
  readonly snapshots: readonly string[]
}

/** What all of a storage takes. */
export interface StorageUsage {
  readonly images: readonly ImageUsage[]
  /** With `snapshots`; else none. */
  readonly snapshots: readonly (SnapshotUsage & { readonly key: string; readonly image: Digest | undefined })[]
  /** Each layer once. */
  readonly layerBytes: number
  /** All blobs. */
  readonly blobBytes: number
  /** What would be freed if every image without a snapshot went: layers and blobs. */
  readonly reclaimableBytes: number
}

/** Options of `StorageCare.usage`. */
export interface StorageUsageOptions extends AbortOptions {
  /** Adds up the snapshots too, which walks through their trees. @default false */
  readonly snapshots?: boolean | undefined
}

/** Options of `StorageCare.pruneImages`. */
export interface PruneStoredImagesOptions extends AbortOptions {
  /** Which of those that no snapshot is on are to go. @default those without a name */
  readonly select?: ((image: StoredImage) => boolean) | undefined
  /** With `dryRun`: snapshots that are to be thought of as gone. @default none */
  readonly withoutSnapshots?: ReadonlySet<string> | undefined
  /** Nothing is changed; the answer is what it would be. @default false */
  readonly dryRun?: boolean | undefined
}

/** What can be wrong with a storage. */
export type DamageKind =
  /** The database is damaged, or of another kind. */
  | 'database'
  /** A blob that a manifest needs isn't there. */
  | 'blob-missing'
  /** Its size or its bytes are not what its digest says. */
  | 'blob-corrupt'
  /** A layer's row has no directory, or that has no tree. */
  | 'layer-missing'
  /** Files of a layer's tree are missing, added, or not as in its blob (`full` only). */
  | 'layer-changed'
  /** An image or a layer needs a layer that is not recorded. */
  | 'layer-unrecorded'
  /** The short name of a layer is missing, or leads elsewhere. */
  | 'link-wrong'
  /** A layer of ids that no driver here makes. */
  | 'layer-foreign'
  /** A manifest's row has no document, or that says something else than its rows. */
  | 'manifest-rows'
  /** A name that leads to nothing. */
  | 'name-dangling'
  /** A snapshot whose directory is missing. */
  | 'snapshot-missing'
  /** A snapshot whose layers or image are missing. */
  | 'snapshot-broken'
  /** What nothing knows and a collection takes: partial blobs, half unpacked layers, directories without rows. Not damage. */
  | 'garbage'

/** One thing that is wrong. */
export interface DamageFinding {
  readonly kind: DamageKind
  /** The digest, key, name or path that it is about. */
  readonly subject: string
  /** What is wrong, as the end of a sentence. */
  readonly reason: string
  /** Ids of the images that can't be used, or not be pushed, because of it. */
  readonly images: readonly Digest[]
  /**
   * `repaired`: done; `repairable`: `repair` would; `pull`: what is missing must come from where `pull` says; `lost`: it can't be made again, and `repair`
   * takes away what leads to it.
   */
  readonly state: 'repaired' | 'repairable' | 'pull' | 'lost'
  /** What was done, is to be done, or would be, as a sentence. */
  readonly action: string
  /** References to pull, any of which brings it back. */
  readonly pull: readonly string[]
}

/** How far a check is. */
export interface CheckProgress {
  readonly type: 'check:blob' | 'check:layer'
  readonly digest: Digest
}

/** Options of `StorageCare.check`. */
export interface CheckOptions extends AbortOptions, ProgressOptions<CheckProgress> {
  /** Reads every blob, and compares every layer's tree with its blob; else only what sizes and records tell. @default false */
  readonly full?: boolean | undefined
  /** Mends what can be mended from kept blobs, and takes away what leads nowhere. @default false */
  readonly repair?: boolean | undefined
  /** With `repair`: says what would be done. @default false */
  readonly dryRun?: boolean | undefined
  /** How old garbage must be to be found. @default 10 minutes */
  readonly minAgeMs?: number | undefined
}

/** What a check found. */
export interface CheckReport {
  readonly findings: readonly DamageFinding[]
  /** Whether nothing but garbage was found, or all else is repaired. */
  readonly healthy: boolean
  readonly images: number
  readonly layers: number
  readonly blobs: number
}

/** Looking after a storage. */
export interface StorageCare {
  /** Quick for any number of images: their sizes are recorded. */
  usage(options?: StorageUsageOptions): Promise<StorageUsage>
  /** @throws `ERR_SNAPSHOT_NOT_FOUND` */
  snapshotUsage(key: string, options?: AbortOptions): Promise<SnapshotUsage>
  /** Deletes images that no snapshot is on. */
  pruneImages(options?: PruneStoredImagesOptions): Promise<RemovedImage>
  /** Deletes what nothing reaches, nothing leases and nothing young. */
  collectGarbage(options?: GarbageOptions): Promise<GarbageReport>
  /** Looks for damage of every kind. */
  check(options?: CheckOptions): Promise<CheckReport>
}
