import type { AbortOptions } from '@podwright/conventions'
import type { MountSpec } from './mount.ts'
import type { NamespaceExecutor } from './namespace.ts'
import type { SnapshotUsage } from './storage-driver.ts'
import type { Snapshot } from './storage.ts'

/** A volume as it is kept. */
export interface Volume {
  /** An anonymous one is named by 64 hex digits. */
  readonly name: string
  readonly driver: string
  /** Whether it is there on this machine alone. */
  readonly scope: 'local' | 'global'
  /** Where its content is, once it is mounted if it has to be. Absolute. */
  readonly path: string
  /** The driver's, as given. */
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly createdAt: Date
  /** Nobody chose its name: it goes with the container that it was made for. */
  readonly anonymous: boolean
  /** It never had content: the first directory of an image that it is mounted on gives it some. */
  readonly needsCopyUp: boolean
  /** Who uses it: ids of containers, running or not; sorted. */
  readonly holders: readonly string[]
}

/** What a new volume shall be. */
export interface CreateVolumeOptions extends AbortOptions {
  /** Letters, digits, `_`, `.` and `-`, the first a letter or digit, 255 bytes at most. @default 64 hex digits drawn at random, for an anonymous one */
  readonly name?: string | undefined
  /** @default 'local' */
  readonly driver?: string | undefined
  /** The driver's. Of `local`: `type`, `device` and `o` as for mount(8); `uid`, `gid`, `size`, `inodes`, `copy` and `nocopy`. */
  readonly options?: Readonly<Record<string, string>> | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** It goes with the container that it is made for. @default whether it is given no name */
  readonly anonymous?: boolean | undefined
  /**
   * What becomes of one of that name: `same` gives it as it is when its driver, and the options and labels that are given, are the same; `any` when its
   * driver is the one that is given, if one is. @default 'refuse'
   */
  readonly existing?: 'refuse' | 'same' | 'any' | undefined
}

/** Where content for a volume is found that never had any: a directory of a tree, which may have to be mounted to be seen. */
export interface CopyUpSource extends Pick<Snapshot, 'rootfs' | 'mounts'> {
  /** Absolute in the tree; nothing outside of the tree is ever read. Where it leads to no directory, the volume stays as it is. */
  readonly path: string
}

/** Tells the store which of a volume's holders are still to be reckoned with: what a killed command wrote down is no more than that. */
export interface VolumeHolders {
  /** Whether there is such a container. */
  exists(holder: string): boolean
  /** Whether it runs, or somebody is at work on it. */
  isActive(holder: string): boolean
}

/**
 * Volumes on disk. Implemented by `storage`; the engine's `Volumes` are built on it. What is said of a volume is true at that moment, whoever else is at
 * work.
 */
export interface VolumeStore {
  /** @throws `ERR_VOLUME_NAME`, `ERR_VOLUME_EXISTS`, `ERR_VOLUME_DRIVER_UNKNOWN`, `ERR_VOLUME_OPTION` */
  create(options?: CreateVolumeOptions & { readonly holder?: string | undefined }): Promise<Volume>
  /** By its whole name, or an unambiguous beginning of an anonymous one's. */
  find(reference: string): Volume | undefined
  /** By name. */
  list(): readonly Volume[]
  /** Deletes it with its content. @throws `ERR_VOLUME_NOT_FOUND`, `ERR_VOLUME_IN_USE` with the `holders` in its details */
  remove(name: string, options?: AbortOptions): Promise<void>
  /** Puts a holder on a volume, which keeps it from being removed; twice is once. @throws `ERR_VOLUME_NOT_FOUND` */
  hold(name: string, holder: string, options?: AbortOptions): Promise<Volume>
  /** Takes a holder away. Neither there is no error. */
  release(name: string, holder: string): Promise<void>
  /** Has its content where the answer says, for this holder. The path is to be looked at inside the namespace. */
  mount(name: string, holder: string, options?: AbortOptions): Promise<string>
  /** Undoes `mount`; what no active holder has mounted is taken down. `false` when it wasn't mounted for this holder. */
  unmount(name: string, holder: string, options?: AbortOptions): Promise<boolean>
  /**
   * Fills a volume that never had content; whether it did. Nothing happens while another holder is active, nor to what has to be mounted and isn't for
   * this one.
   */
  copyUp(name: string, holder: string, source: CopyUpSource, options?: AbortOptions): Promise<boolean>
  /** Gives all that is in a volume, or below an absolute path, to an owner. */
  changeOwner(nameOrPath: string, owner: { readonly uid: number; readonly gid: number }, options?: AbortOptions): Promise<void>
  usage(name: string, options?: AbortOptions): Promise<SnapshotUsage>
  /** Its content as an uncompressed tar. */
  export(name: string, options?: AbortOptions): AsyncIterable<Uint8Array>
  /** Puts what a tar (plain, gzip or zstd) has beside what is there; files of the same name are replaced. */
  import(name: string, tar: AsyncIterable<Uint8Array>, options?: AbortOptions): Promise<void>
  /** A new volume with the content, the options and, unless others are given, the labels of another. */
  clone(name: string, newName: string, options?: AbortOptions & Pick<CreateVolumeOptions, 'labels'>): Promise<Volume>
  /** @throws `ERR_VOLUME_IN_USE` while a container knows it by its name */
  rename(name: string, newName: string, options?: AbortOptions): Promise<Volume>
  /** Deletes what killed creations and removals left. */
  sweep(options?: AbortOptions): Promise<void>
  /** What is wrong with volumes, and what killed commands left; with `repair`, the latter goes. What somebody is at work on is left out. */
  check(options?: AbortOptions & { readonly repair?: boolean | undefined }): Promise<readonly VolumeFinding[]>
}

/** One thing that is wrong with a volume, or that was left of one. */
export interface VolumeFinding {
  /** `record`: it can't be read. `holder`: somebody who is gone still holds it. `unfinished`: it was being made or removed. `trash`: it was being deleted. */
  readonly kind: 'record' | 'holder' | 'unfinished' | 'trash'
  readonly name: string
  /** As the end of a sentence. */
  readonly reason: string
}

/** Everything that a driver is told of a volume; the same at each call, but for `name` and `directory` after a rename. */
export interface VolumePlan {
  readonly name: string
  /** The volume's own directory, absolute. The driver may make in it what it likes, save for names that begin with a dot. */
  readonly directory: string
  readonly options: Readonly<Record<string, string>>
}

/** How a volume's content comes about. */
export interface VolumeView {
  /** Where the content is once `mounts` are carried out. Absolute. */
  readonly path: string
  /** Carried out once for all holders, in order, inside the namespace. */
  readonly mounts: readonly MountSpec[]
  /** Whether what an image has in the place that it is first mounted on is copied into it. @default true */
  readonly copiesUp?: boolean | undefined
}

/**
 * Makes volumes. A driver keeps no state: what it needs to know it is told, or finds in `plan.directory`. Calls for one volume never overlap. A call that was
 * killed is made again, so each may find its work done, wholly or in part.
 *
 * Proved by `volumeDriverSuite` of `@podwright/conformance`.
 */
export interface VolumeDriver {
  /** `local`. */
  readonly name: string
  readonly scope: 'local' | 'global'
  /** Whether a volume is whole in its directory, so that it can be renamed with it. */
  readonly renames: boolean
  /** Makes what `view` refers to; `plan.directory` is there. @throws `ERR_VOLUME_OPTION` before it makes anything, for options that it can't honour */
  create(plan: VolumePlan, options?: AbortOptions): Promise<void>
  /** Quick, and changes nothing. */
  view(plan: VolumePlan, options?: AbortOptions): Promise<VolumeView>
  /** Called before a holder's mount, and after it has ended, for drivers that must know. */
  attach?(plan: VolumePlan, holder: string, options?: AbortOptions): Promise<void>
  detach?(plan: VolumePlan, holder: string, options?: AbortOptions): Promise<void>
  /** Gives up what `create` made outside of `plan.directory`, which is deleted afterwards. Not there is no error. */
  remove(plan: VolumePlan, options?: AbortOptions): Promise<void>
}

/** What a volume driver may ask for. */
export interface VolumeDriverComponents {
  /** Runs inside, where mapped ids can be given. */
  readonly namespace: NamespaceExecutor
}

/** How a volume driver is made. */
export type VolumeDriverFactory = (components: VolumeDriverComponents) => VolumeDriver | Promise<VolumeDriver>

/** What an executable volume driver is asked, by verb. `describe` comes first and has no arguments. */
export interface VolumePluginVerbs {
  readonly describe: {
    readonly args: Record<string, never>
    readonly result: Pick<VolumeDriver, 'scope' | 'renames'> & { readonly attaches?: boolean }
  }
  readonly create: { readonly args: VolumePlan; readonly result: null }
  readonly view: { readonly args: VolumePlan; readonly result: VolumeView }
  readonly attach: { readonly args: VolumePlan & { readonly holder: string }; readonly result: null }
  readonly detach: { readonly args: VolumePlan & { readonly holder: string }; readonly result: null }
  readonly remove: { readonly args: VolumePlan; readonly result: null }
}
