import type { AbortOptions, ProgressOptions } from '@podwright/conventions'
import type { Digest, ImageConfig, Platform } from '@podwright/oci'
import type {
  ArchiveOrigin,
  ArchiveTarget,
  ImportOptions,
  LoadedImage,
  LoadOptions,
  PushedImage,
  PushOptions,
  SavedReference,
  SaveOptions,
} from './engine-image-transfers.ts'
import type { ImagePlaces } from './engine-image-places.ts'
import type { RegistryOptions } from './engine-registries.ts'
import type { BlobProgress } from './image-transport.ts'
import type { RemovedImage, StoredHistoryStep, StoredImage, StoredLayerInfo, TreeChange, UntagOptions } from './storage.ts'

/** What happens during a pull. */
export type PullProgress =
  | BlobProgress
  | { readonly type: 'pull:resolve'; readonly reference: string }
  /** The registry still has what is all here: nothing is fetched. */
  | { readonly type: 'pull:unchanged'; readonly reference: string; readonly digest: Digest }
  | {
      readonly type: 'pull:resolved'
      readonly reference: string
      readonly digest: Digest
      readonly layers: number
      readonly sizeBytes: number
    }

/** Options of `Images.pull`. */
export interface PullOptions extends RegistryOptions, ProgressOptions<PullProgress> {
  /** @default the host's */
  readonly platform?: Platform | undefined
  /** `missing`: only when it isn't here; `newer`: when the registry's differs; `never`: an error when it isn't here. @default 'always' */
  readonly policy?: 'always' | 'missing' | 'newer' | 'never' | undefined
}

/** What `pull` came to. */
export interface PulledImage {
  readonly image: StoredImage
  /** The full name that the reference was resolved to. */
  readonly name: string
  /** Of the manifest or index that the name led to; undefined when nothing was fetched. */
  readonly digest: Digest | undefined
  /** Whether the image was changed or added. */
  readonly updated: boolean
}

/** An image and everything known of it. */
export interface ImageDetails {
  readonly image: StoredImage
  readonly config: ImageConfig
}

/** A layer of an image, and whose it is besides. */
export interface ImageLayer extends StoredLayerInfo {
  /** Images whose topmost layer it is. */
  readonly topOf: readonly StoredImage[]
}

/** An image whose tree can be looked at. */
export interface MountedImage {
  readonly image: StoredImage
  /** Absolute. */
  readonly path: string
}

/** Options of `Images.prune`. */
export interface PruneImagesOptions extends AbortOptions {
  /** Also those that have a name and that no container is on. @default false */
  readonly all?: boolean | undefined
  /** Only those made before. */
  readonly until?: Date | undefined
  /** Only those that have all of these: `NAME`, `NAME=VALUE`. */
  readonly labels?: readonly string[] | undefined
  /** Only those that have none of these. */
  readonly notLabels?: readonly string[] | undefined
  /** Tells what would go, and leaves it. @default false */
  readonly dryRun?: boolean | undefined
}

/** What `remove` is told. */
export interface RemoveImageOptions extends AbortOptions {
  /** Also removes the containers on it. @default false */
  readonly force?: boolean | undefined
  /** Removes what is here of the name for this platform alone; the name stays while there is something for another. @default all that the name leads to */
  readonly platform?: Platform | undefined
  /** Tells what would go, and leaves it. @default false */
  readonly dryRun?: boolean | undefined
}

/**
 * The engine's images. References are what people type: short names, full names, digests, id prefixes; where the method says so, also names with a
 * transport, as `ImagePlaces` has them.
 */
export interface Images extends ImagePlaces {
  /** Of a name with a transport, what is there is taken in, whatever the policy. */
  pull(reference: string, options?: PullOptions): Promise<PulledImage>
  /** Every tag of a repository, one after the other. */
  pullAll(repository: string, options?: PullOptions): AsyncIterable<PulledImage>
  list(options?: AbortOptions): Promise<readonly StoredImage[]>
  /** @throws `ERR_IMAGE_NOT_FOUND`, `ERR_IMAGE_AMBIGUOUS` */
  inspect(reference: string, options?: AbortOptions): Promise<ImageDetails>
  exists(reference: string): Promise<boolean>
  /** Takes the name away, or deletes the image when it is an id. */
  remove(reference: string, options?: RemoveImageOptions): Promise<RemovedImage>
  /** The newest step first. */
  history(reference: string, options?: AbortOptions): Promise<readonly StoredHistoryStep[]>
  /** Gives names, each of which another image may have had. */
  tag(reference: string, names: readonly string[], options?: AbortOptions): Promise<readonly string[]>
  /** Takes names away, all when none are given; the image stays. @throws `ERR_IMAGE_NAME_UNKNOWN` */
  untag(reference: string, names?: readonly string[], options?: UntagOptions): Promise<readonly string[]>
  /** Its layers, lowest first, and the images that have them as their lowest, too. */
  layers(reference: string, options?: AbortOptions): Promise<readonly ImageLayer[]>
  /** What differs from another image, or from the image without its topmost layer. */
  changes(reference: string, options?: AbortOptions & { readonly against?: string | undefined }): Promise<readonly TreeChange[]>

  /** Has the image's tree, read-only, where the answer says, until `unmount`. Rootless, that is seen inside the namespace (`system.unshare`). */
  mount(reference: string, options?: AbortOptions): Promise<MountedImage>
  /** Undoes `mount`. `false`: it wasn't mounted that way. `force`: whoever holds it. */
  unmount(reference: string, options?: AbortOptions & { readonly force?: boolean | undefined }): Promise<boolean>
  mounts(options?: AbortOptions): Promise<readonly MountedImage[]>
  /** Deletes what nobody uses and, unless `all`, has no name. */
  prune(options?: PruneImagesOptions): Promise<RemovedImage>

  /** @param destination a full or short name, or one with a transport. @default the name the image was found by */
  push(reference: string, destination?: string, options?: PushOptions): Promise<PushedImage>
  save(images: readonly SavedReference[], target: ArchiveTarget, options?: SaveOptions): Promise<void>
  /** What the archive is, is found out; it may be compressed. */
  load(origin: ArchiveOrigin, options?: LoadOptions): Promise<readonly LoadedImage[]>
  /** Makes an image of one layer out of a tar archive, compressed or not. @param origin an absolute path, an http(s) URL, or a stream */
  import(origin: ArchiveOrigin, options?: ImportOptions): Promise<StoredImage>
}
