import type {
  DirectoryAttributes,
  IdMap,
  MountSpec,
  NamespaceTask,
  NamespaceTaskHandler,
  NamespaceTaskHandlers,
} from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { treeFileTaskHandlers } from '../tree-files/tasks.ts'
import { volumeTaskHandlers } from '../volumes/tasks.ts'

/** What `layer.json` beside an unpacked layer says: the directory is a record in itself. */
export interface LayerRecord {
  readonly chainId: Digest
  readonly diffId: Digest
  /** chainID of the layer below; null for the lowest. */
  readonly parent: Digest | null
  /** Bytes of its files. */
  readonly sizeBytes: number
  /** What the layer says of the root of the tree; null when it says nothing. */
  readonly root: DirectoryAttributes | null
  /** Whether it takes away everything that the layers below have. */
  readonly opaque: boolean
}

/** Arguments of `storage.unpack`. */
export interface UnpackArgs {
  readonly blobPath: string
  /** A blob that is still coming in: it is read as it grows. Once it is there, or when it can't become the blob any more, this file has gone. */
  readonly growing?: GrowingFile
  /** Where `diff/` and `layer.json` are made; there, and empty. */
  readonly directory: string
  readonly layer: Pick<LayerRecord, 'chainId' | 'diffId' | 'parent'>
  readonly whiteouts: 'overlay' | 'keep'
  readonly overlayXattrs: 'trusted' | 'user'
  /** Rootless: devices can't be made. */
  readonly skipDevices: boolean
  readonly minFreeBytes: number
  /** Trees of the layers below, topmost first; null when they aren't all there yet. */
  readonly lowerDirectories: readonly string[] | null
}

/** A file that somebody else appends to. */
export interface GrowingFile {
  readonly path: string
  /** What it will have. */
  readonly sizeBytes: number
}

/** How far `storage.unpack` is. */
export type UnpackProgress =
  /** How much of the compressed blob it has read. */
  | { readonly completeBytes: number }
  /** All is written and verified, and on its way to the disk. */
  | { readonly extracted: true }

/** What `storage.unpack` found out. */
export interface UnpackResult {
  readonly layer: LayerRecord
  /** Directories that the layer implies and does not have: they are as in the layers below, if those were given. */
  readonly impliedDirectories: number
}

/** Arguments of `storage.copy`: the layers, lowest first, are merged into the existing, empty directory. */
export interface CopyArgs {
  readonly layers: readonly string[]
  readonly directory: string
  readonly root: DirectoryAttributes
  readonly idMap: IdMap | null
  readonly minFreeBytes: number
  /** There are no markers: names that look like them are names. @default false */
  readonly literal?: boolean
}

/** Arguments of `storage.map`: what a tree shows comes into the existing, empty directory, with its ids put through the map, and is brought to disk. */
export interface MapArgs {
  readonly tree: TreeView
  readonly directory: string
  /** Before it is mapped. */
  readonly root: DirectoryAttributes
  readonly idMap: IdMap
  readonly minFreeBytes: number
}

/** Arguments of `storage.attributes`. */
export interface AttributesArgs {
  readonly directory: string
  readonly attributes: DirectoryAttributes
}

/** A tree that may have to be mounted to be seen. */
export interface TreeView {
  readonly mounts: readonly MountSpec[]
  /** Absolute. */
  readonly rootfs: string
}

/** What there is to compare. */
export type TreesToCompare =
  /** What an upper directory of overlayfs changes; `lowers` are the directories below it, topmost first. */
  | { readonly kind: 'upper'; readonly upper: string; readonly lowers: readonly string[] }
  | { readonly kind: 'trees'; readonly lower: TreeView; readonly upper: TreeView }

/** Arguments of `storage.pack`. */
export interface PackArgs {
  readonly source: TreesToCompare | { readonly kind: 'tree'; readonly tree: TreeView }
  /** An existing, empty file, or a FIFO. */
  readonly path: string
  /** Paths below the tree's root, without slashes at their ends. */
  readonly exclude: readonly string[]
  /** The ids that the files have were put through this; undone in the tar. */
  readonly idMap: IdMap | null
  readonly minFreeBytes: number
}

/** How far a packing is. */
export interface PackProgress {
  readonly completeBytes: number
}

/** What was packed. */
export interface PackResult {
  readonly digest: Digest
  /** Of the tar. */
  readonly size: number
}

/** Arguments of `storage.adopt`: the directory `from` becomes `diff/` of the layer that is made in `directory`. */
export interface AdoptArgs {
  readonly from: string
  readonly directory: string
  readonly layer: Pick<LayerRecord, 'chainId' | 'diffId' | 'parent'>
}

/** Arguments of `storage.verify`: the layer is unpacked, and `tree` compared with it. */
export interface VerifyArgs {
  readonly unpack: UnpackArgs
  readonly tree: string
}

/** One difference; the path in base64, since names are bytes. */
export type PackedChange = readonly [kind: 'A' | 'C' | 'D', path: string]

/** Unpacks a layer, verifies its diffID, and has it on disk. */
export const unpackTask: NamespaceTask<UnpackArgs, UnpackResult, UnpackProgress> = { name: 'storage.unpack' }
/** Loads what `storage.unpack` needs. */
export const prepareUnpackTask: NamespaceTask<null, null> = { name: 'storage.prepare-unpack' }
/** Deletes trees. */
export const removeTask: NamespaceTask<{ readonly paths: readonly string[] }, null> = { name: 'storage.remove' }
/** Makes one tree out of layers. */
export const copyTask: NamespaceTask<CopyArgs, null> = { name: 'storage.copy' }
/** Makes a tree once more, under other ids. */
export const mapTask: NamespaceTask<MapArgs, null> = { name: 'storage.map' }
/** Gives a directory its owner and mode. */
export const attributesTask: NamespaceTask<AttributesArgs, null> = { name: 'storage.attributes' }
/** Adds up what a tree takes. */
export const usageTask: NamespaceTask<{ readonly path: string }, { readonly sizeBytes: number; readonly inodes: number }> = {
  name: 'storage.usage',
}

/** Writes a tree, or what changed in it, as a tar. */
export const packTask: NamespaceTask<PackArgs, PackResult, PackProgress> = { name: 'storage.pack' }
/** Makes a layer of a directory without copying it, and has it on disk. */
export const adoptTask: NamespaceTask<AdoptArgs, UnpackResult> = { name: 'storage.adopt' }
/** Finds out what differs. */
export const changesTask: NamespaceTask<TreesToCompare, { readonly changes: readonly PackedChange[] }> = { name: 'storage.changes' }
/** Compares a layer's tree with its blob. */
export const verifyTask: NamespaceTask<VerifyArgs, { readonly changes: readonly PackedChange[] }> = { name: 'storage.verify' }
/** Mounts what isn't mounted yet. */
export const mountTask: NamespaceTask<{ readonly mounts: readonly MountSpec[] }, null> = { name: 'storage.mount' }
/** Unmounts what is mounted. */
export const unmountTask: NamespaceTask<{ readonly targets: readonly string[] }, null> = { name: 'storage.unmount' }
/** Which of the targets are mounted. */
export const mountedTask: NamespaceTask<{ readonly targets: readonly string[] }, { readonly mounted: readonly string[] }> = {
  name: 'storage.mounted',
}

type HandlerOf<Task> =
  Task extends NamespaceTask<infer Args, infer Result, infer Progress> ? NamespaceTaskHandler<Args, Result, Progress> : never

const unpack: HandlerOf<typeof unpackTask> = async (args, context) => (await import('./unpack.ts')).unpack(args, context)
const prepareUnpack: HandlerOf<typeof prepareUnpackTask> = async () => {
  await import('./unpack.ts')
  return null
}
const remove: HandlerOf<typeof removeTask> = async (args, context) => (await import('./remove.ts')).remove(args, context)
const copy: HandlerOf<typeof copyTask> = async (args, context) => (await import('./copy.ts')).copy(args, context)
const map: HandlerOf<typeof mapTask> = async (args, context) => (await import('./map.ts')).map(args, context)
const attributes: HandlerOf<typeof attributesTask> = async (args) => (await import('./attributes.ts')).setAttributes(args)
const usage: HandlerOf<typeof usageTask> = async (args, context) => (await import('./usage.ts')).usage(args, context)
const pack: HandlerOf<typeof packTask> = async (args, context) => (await import('./pack.ts')).pack(args, context)
const adopt: HandlerOf<typeof adoptTask> = async (args) => (await import('./adopt.ts')).adopt(args)
const changes: HandlerOf<typeof changesTask> = async (args, context) => (await import('./changes.ts')).changes(args, context)
const verify: HandlerOf<typeof verifyTask> = async (args, context) => (await import('./verify.ts')).verify(args, context)
const mount: HandlerOf<typeof mountTask> = async (args, context) => (await import('./mounts.ts')).mount(args, context)
const unmount: HandlerOf<typeof unmountTask> = async (args) => (await import('./mounts.ts')).unmount(args)
const mounted: HandlerOf<typeof mountedTask> = async (args) => (await import('./mounts.ts')).mounted(args)

/** What this package runs inside the namespace, by task name, for the worker's entry to serve. The code of each is imported when it is first run. */
export const storageTaskHandlers: NamespaceTaskHandlers = {
  [unpackTask.name]: unpack,
  [prepareUnpackTask.name]: prepareUnpack,
  [removeTask.name]: remove,
  [copyTask.name]: copy,
  [mapTask.name]: map,
  [attributesTask.name]: attributes,
  [usageTask.name]: usage,
  ...volumeTaskHandlers,
  ...treeFileTaskHandlers,
  [packTask.name]: pack,
  [adoptTask.name]: adopt,
  [changesTask.name]: changes,
  [verifyTask.name]: verify,
  [mountTask.name]: mount,
  [unmountTask.name]: unmount,
  [mountedTask.name]: mounted,
}
