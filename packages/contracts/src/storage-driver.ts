import type { AbortOptions } from '@podwright/conventions'
import type { MountSpec } from './mount.ts'
import type { IdMap, NamespaceExecutor } from './namespace.ts'

/** How a driver wants the trees of layers to be written. Every layer is a directory of what it alone brings. */
export interface LayerFormat {
  /**
   * How a tree says what it takes away from the ones below. `overlay`: character devices 0/0, and an attribute on opaque directories;
   * `markers`: files named `.wh.NAME` and `.wh..wh..opq`, as in the tar (image-spec v1.1, "Layer", "Whiteouts").
   */
  readonly whiteouts: 'overlay' | 'markers'
  /** With `overlay`, the attribute's namespace: `trusted.overlay.opaque` or `user.overlay.opaque`. */
  readonly xattrs: 'trusted' | 'user'
}

/** An unpacked layer. */
export interface LayerTree {
  /** Absolute. */
  readonly path: string
  /** A short name of the same directory, relative to the snapshot's `workingDirectory`, without characters that need escaping. */
  readonly shortPath: string
}

/** What a directory is made with. Ids as seen inside the namespace. */
export interface DirectoryAttributes {
  /** Permission bits, with set-id and sticky bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** Everything that a driver is told of a snapshot; the same at each call. */
export interface SnapshotPlan {
  /** The snapshot's own directory, absolute. The driver may make in it what it likes. */
  readonly directory: string
  /** Topmost first; none for an empty tree. */
  readonly layers: readonly LayerTree[]
  /** What the root of the tree shall have. */
  readonly root: DirectoryAttributes
  readonly readOnly: boolean
  /** Ids as the files in the tree shall have them; undefined: as stored. Where a driver can't (`mapsIds`), `layers` have them already. */
  readonly idMap: IdMap | undefined
  /** Where `shortPath`s start: absolute, an ancestor of `directory`. */
  readonly workingDirectory: string
}

/** How a snapshot's tree comes about. */
export interface SnapshotView {
  /** Where the tree is once `mounts` are carried out. Absolute. */
  readonly rootfs: string
  readonly mounts: readonly MountSpec[]
  /** The directories that the tree is made of, topmost first, the writable one included; a single one when they aren't stacked. */
  readonly layers: readonly string[]
  /**
   * The directory that has what the snapshot changed and nothing else, written as `layerFormat` says. Without it, changes are found by comparing the
   * whole tree with the one below.
   */
  readonly upper?: string | undefined
}

/** Whether a driver works on a host. */
export type StorageDriverProbe =
  | { readonly supported: true }
  /** `reason` completes "overlay can't be used: "; `hint` says what would make it work. */
  | { readonly supported: false; readonly reason: string; readonly hint?: string | undefined }

/** What a snapshot holds of its own, without the layers below. */
export interface SnapshotUsage {
  /** Allocated on disk; a hard-linked file counts once. */
  readonly sizeBytes: number
  readonly inodes: number
}

/**
 * Makes writable trees out of stacked layers. A driver keeps no state: what it needs to know it is told, or finds in `plan.directory`.
 * Proved by `storageDriverSuite` of `@podwright/conformance`.
 */
export interface StorageDriver {
  /** `overlay`, `vfs`. Layers written for one driver are not read by one of another name. */
  readonly name: string
  readonly layerFormat: LayerFormat
  /** Whether `plan.idMap` is honoured. Otherwise storage keeps what the layers show once more, under the other ids. */
  readonly mapsIds: boolean
  /** Tries what the driver needs, in an empty scratch directory on the storage's file system. Who calls deletes that afterwards; no mount may be left on it. */
  probe(directory: string, options?: AbortOptions): Promise<StorageDriverProbe>
  /** Makes what `view` refers to. `plan.directory` is there, and empty. After a failure storage removes it. */
  prepare(plan: SnapshotPlan, options?: AbortOptions): Promise<void>
  /** Pure and quick: touches no file. The mounts are carried out by whoever is in the right namespace. */
  view(plan: SnapshotPlan): SnapshotView
  /** Deletes a snapshot's directory with all that is in it; it has been renamed since `prepare`, and nothing is mounted on it. Not there is no error. */
  remove(directory: string, options?: AbortOptions): Promise<void>
  usage(directory: string, options?: AbortOptions): Promise<SnapshotUsage>
}

/** What a driver may ask for. */
export interface StorageDriverComponents {
  /** Runs inside, where the ids of a layer's files are mapped. */
  readonly namespace: NamespaceExecutor
}

/** How a driver is made. */
export type StorageDriverFactory = (components: StorageDriverComponents) => StorageDriver

/** What a storage driver that is a program is asked, and answers: one request on its stdin, one response on its stdout (`PluginRequest`, `PluginResponse`). */
export interface StoragePluginVerbs {
  /** Facts that never change. Asked once. */
  readonly describe: {
    readonly args: Readonly<Record<string, never>>
    readonly result: { readonly layerFormat: LayerFormat; readonly mapsIds: boolean }
  }
  readonly probe: { readonly args: { readonly directory: string }; readonly result: StorageDriverProbe }
  readonly prepare: { readonly args: SnapshotPlan; readonly result: null }
  /** Quick, and the same for the same plan: answers are kept. */
  readonly view: { readonly args: SnapshotPlan; readonly result: SnapshotView }
  readonly remove: { readonly args: { readonly directory: string }; readonly result: null }
  readonly usage: { readonly args: { readonly directory: string }; readonly result: SnapshotUsage }
}
