import type { AbortOptions, Clock } from '@podwright/conventions'
import type { NamespaceExecutor, StorageDriverFactory } from '@podwright/contracts'

/** What a storage builds on. */
export interface StorageComponents {
  /** Runs inside what owns the files of layers: the user namespace when rootless. */
  readonly namespace: NamespaceExecutor
  /** @default the machine's */
  readonly clock?: Clock | undefined
  /** Drivers besides the built-in `overlay`, `fuse-overlayfs` and `vfs`, or in place of them, by name. */
  readonly drivers?: Readonly<Record<string, StorageDriverFactory>> | undefined
}

/** Options of `openStorage`. */
export interface StorageOptions extends AbortOptions {
  /** Directory of all that is kept. Absolute; made (mode 0700) when it isn't there. */
  readonly root: string
  /** Directory of what doesn't outlive a reboot. Absolute. */
  readonly runRoot: string
  /**
   * Roots of other storages, whose images are found and run from without being copied, after this one's; nothing is ever written to them. Absolute.
   *
   * @default none
   */
  readonly additionalStores?: readonly string[] | undefined
  /** @default the one that the images were stored by, else the first of `overlay`, `fuse-overlayfs`, `vfs` that works here */
  readonly driver?: string | undefined
  /** Free space that is left on the disk. @default the larger of 1 GiB and 5 % of the file system */
  readonly minFreeBytes?: number | undefined
  /** How many layers of an image are unpacked at a time. @default 2 */
  readonly unpackConcurrency?: number | undefined
}
