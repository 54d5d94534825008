import type { AbortOptions } from '@podwright/conventions'
import type { Digest } from '@podwright/oci'
import type { IdMap } from './namespace.ts'
import type { OpenTreeFilesOptions, TreeFiles, TreePlace } from './tree-files.ts'

/** A tree that is mounted for anybody to look at: in the host's mount namespace for root, in the engine's when rootless. */
export interface TreeMount {
  /** The image; undefined when it is a snapshot's. */
  readonly image: Digest | undefined
  /** The snapshot of `mountSnapshot`. */
  readonly snapshot: string | undefined
  /** Where the tree is. Absolute. */
  readonly path: string
  readonly readOnly: boolean
  /** Who holds it; sorted. The mount stays until the last one has let go. */
  readonly owners: readonly string[]
}

/** Options of `StorageMounts.mountImage` and `mountSnapshot`. */
export interface MountTreeOptions extends AbortOptions {
  /** Who holds the mount: a container's id, `user`. Asking twice holds once. */
  readonly owner: string
  /** `false` gives each owner a tree of its own, which is gone with the unmount. @default true */
  readonly readOnly?: boolean | undefined
  /** The ids that own the files, for a user namespace. All who read an image under the same map share one tree. @default as the image has them */
  readonly idMap?: IdMap | undefined
}

/** Options of `StorageMounts.unmountImage` and `unmountSnapshot`. */
export interface UnmountTreeOptions extends AbortOptions {
  /** Who lets go. Contradicts `force`. */
  readonly owner?: string | undefined
  /** All let go. @default false */
  readonly force?: boolean | undefined
}

/** Mounts that are held by owners: sets, never counts. They survive the death of whoever made them; a reboot, or the end of the engine's namespaces, ends them all. */
export interface StorageMounts {
  /** @throws `ERR_IMAGE_NOT_FOUND`, `ERR_MOUNT_FAILED` */
  mountImage(id: Digest, options: MountTreeOptions): Promise<TreeMount>
  /** Whether the image is mounted no more. @throws `ERR_MOUNT_NOT_FOUND` when that owner, or with `force` anybody, holds none */
  unmountImage(id: Digest, options: UnmountTreeOptions): Promise<boolean>
  /** Mounts a snapshot's own tree, writable unless the snapshot isn't. For one that no running container has mounted. @throws `ERR_SNAPSHOT_NOT_FOUND` */
  mountSnapshot(key: string, options: Omit<MountTreeOptions, 'readOnly' | 'idMap'>): Promise<TreeMount>
  unmountSnapshot(key: string, options: UnmountTreeOptions): Promise<boolean>
  /**
   * Files of a tree, to be read and written. Whoever calls this sees to it that the tree is not mounted elsewhere meanwhile, nor removed.
   *
   * @throws `ERR_MOUNT_FAILED`, `ERR_TREE_PROCESS_GONE`
   */
  openTreeFiles(place: TreePlace, options?: OpenTreeFilesOptions): Promise<TreeFiles>
  /** What is really mounted now, by path. */
  listMounts(options?: AbortOptions): Promise<TreeMount[]>
}
