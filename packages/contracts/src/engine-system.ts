import type { AbortOptions, ProgressOptions } from '@podwright/conventions'
import type { ContainerSummary } from './engine-containers.ts'
import type { PrunedVolumes } from './engine-volumes.ts'
import type { CheckProgress, DamageFinding, ImageUsage } from './storage-care.ts'
import type { GarbageReport, RemovedImage, StoredImage } from './storage.ts'
import type { Volume } from './volume.ts'

/** What things of one kind take on disk. */
export interface UsageOf<Item> {
  readonly items: readonly Item[]
  /** How many of them are in use. */
  readonly active: number
  readonly sizeBytes: number
  /** What would come back if those went that are not in use. */
  readonly reclaimableBytes: number
}

/** What an image takes. Its sizes are those of its unpacked layers. */
export interface EngineImageUsage extends ImageUsage {
  readonly image: StoredImage
  /** Ids of the containers on it. */
  readonly containers: readonly string[]
}

/** What a container takes. */
export interface EngineContainerUsage {
  readonly container: ContainerSummary
  /** Of what it has changed of its image. */
  readonly sizeBytes: number
}

/** What a volume takes. */
export interface EngineVolumeUsage {
  readonly volume: Volume
  /** Undefined when its content lies elsewhere: in memory, in a directory of the host, at a server. */
  readonly sizeBytes: number | undefined
}

/** What an engine takes on disk. */
export interface EngineUsage {
  /** Its size is that of all layers and all kept blobs, each once. In use is an image that a container is on. */
  readonly images: UsageOf<EngineImageUsage> & { readonly layerBytes: number; readonly blobBytes: number }
  /** In use is a container that runs. */
  readonly containers: UsageOf<EngineContainerUsage>
  /** In use is a volume that a container has, running or not. */
  readonly volumes: UsageOf<EngineVolumeUsage>
}

/** Which of the things that nobody uses a prune takes. */
export interface PruneFilters {
  /** Only what was made before. */
  readonly until?: Date | undefined
  /** Only what has all of these labels: `NAME`, `NAME=VALUE`. */
  readonly labels?: readonly string[] | undefined
  /** Only what has none of these. */
  readonly notLabels?: readonly string[] | undefined
}

/** Options of `Containers.prune`. */
export interface PruneContainersOptions extends AbortOptions, PruneFilters {
  /** Tells what would go, and leaves it. @default false */
  readonly dryRun?: boolean | undefined
}

/** Containers that a prune removed, or would. */
export interface PrunedContainers {
  readonly containers: readonly { readonly id: string; readonly name: string; readonly sizeBytes: number }[]
  readonly freedBytes: number
}

/** Options of `EngineCare.prune`. */
export interface PruneEngineOptions extends PruneContainersOptions {
  /** Also images that have a name and no container. @default false */
  readonly all?: boolean | undefined
  /** Also anonymous volumes that no container has. @default false */
  readonly volumes?: boolean | undefined
}

/** What a prune of everything removed, or would. */
export interface PrunedEngine {
  readonly containers: PrunedContainers
  readonly images: RemovedImage
  readonly volumes: PrunedVolumes
  /** What crashes had left. */
  readonly garbage: GarbageReport
  readonly freedBytes: number
}

/** What can be wrong with an engine, besides what can be wrong with its storage. */
export type EngineDamageKind =
  /** The engine's database is damaged. */
  | 'engine-database'
  /** A container that has run has no tree: what it had written is lost. */
  | 'container-tree-missing'
  /** The image that a container is on is not stored. */
  | 'container-image-missing'
  /** A container's directory, with its log and files, is gone. */
  | 'container-directory-missing'
  /** Processes of a container that is not recorded: no command reaches them. */
  | 'container-unrecorded'
  /** A container has a volume that is not there. */
  | 'volume-missing'
  /** The record of a volume can't be read. */
  | 'volume-record'

/** One thing that is wrong with an engine. */
export interface EngineFinding extends Omit<DamageFinding, 'kind'> {
  readonly kind: DamageFinding['kind'] | EngineDamageKind
}

/** Options of `EngineCare.check`. */
export interface CheckEngineOptions extends AbortOptions, ProgressOptions<CheckProgress> {
  /** Reads no blob and compares no tree: looks only at what sizes and records tell. @default false */
  readonly quick?: boolean | undefined
  /** Mends what can be mended, and takes away garbage and what leads nowhere. @default false */
  readonly repair?: boolean | undefined
  /** With `repair`: says what would be done. @default false */
  readonly dryRun?: boolean | undefined
  /** How old garbage must be to be found. @default 10 minutes */
  readonly minAgeMs?: number | undefined
}

/** What a check of everything found. */
export interface EngineCheck {
  readonly findings: readonly EngineFinding[]
  /** Whether nothing but garbage was found, or all else is repaired. */
  readonly healthy: boolean
  readonly images: number
  readonly layers: number
  readonly blobs: number
  readonly containers: number
  readonly volumes: number
}

/** Options of `EngineCare.reset`. */
export interface ResetEngineOptions extends AbortOptions {
  /** Tells what would go, and leaves it. @default false */
  readonly dryRun?: boolean | undefined
}

/** What a reset removed, or would. */
export interface ResetReport {
  readonly containers: number
  readonly images: number
  readonly volumes: number
  /** Directories that are gone. Absolute. */
  readonly directories: readonly string[]
  /** What was found in them that is not the engine's, and stays. Absolute. */
  readonly kept: readonly string[]
}

/** A tree that is mounted to be looked at, or worked on. */
export interface MountedTree {
  readonly kind: 'container' | 'image'
  /** The container's id; the image's, a digest. */
  readonly id: string
  /** The container's name; the image's names. */
  readonly names: readonly string[]
  /** Absolute. */
  readonly path: string
}

/** Looking after everything that an engine keeps. */
export interface EngineCare {
  /** Quick for any number of images; walks through what containers have changed, and through volumes. */
  usage(options?: AbortOptions): Promise<EngineUsage>
  /**
   * Removes containers that don't run, then images, volumes and leftovers that nobody uses any more. What another command is at work on stays: a container that is
   * being made or started, an image that is being pulled, or that a container is just being made of.
   */
  prune(options?: PruneEngineOptions): Promise<PrunedEngine>
  /** Looks for damage of every kind, and for what crashes left. What somebody is at work on is left out. */
  check(options?: CheckEngineOptions): Promise<EngineCheck>
  /**
   * Ends every container and removes everything, with the data root and the run root. What lies in them that is not the engine's stays, and no link is followed.
   * The engine is of no use afterwards but to be disposed of.
   *
   * @throws `ERR_ENGINE_ROOT_FOREIGN` when the databases in the root are not an engine's, `ERR_ENGINE_RESET` when something can't be ended or unmounted: then nothing is deleted
   */
  reset(options?: ResetEngineOptions): Promise<ResetReport>
  /**
   * Has the tree of a container, writable, or of an image, read-only, where the answer says, until `unmount`, the removal of the container, or a reboot. A plain
   * user's mounts are seen inside the engine's namespaces alone, and are made from there.
   *
   * @throws `ERR_MOUNT_OUTSIDE` from outside of them, `ERR_CONTAINER_RUNNING`
   */
  mount(reference: string, options?: AbortOptions): Promise<MountedTree>
  /** Undoes `mount`; of an image, with `force`, whoever holds it. The answer's path is where it was; undefined when it was not mounted. */
  unmount(reference: string, options?: AbortOptions & { readonly force?: boolean | undefined }): Promise<MountedTree | undefined>
  /** Containers first. */
  mounts(options?: AbortOptions): Promise<readonly MountedTree[]>
}
