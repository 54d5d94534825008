import type { DirectoryAttributes, IdMap, NamespaceTask, NamespaceTaskHandler, NamespaceTaskHandlers } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
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
  /** Where `diff/` and `layer.json` are made; there, and empty. */
  readonly directory: string
  readonly layer: Pick<LayerRecord, 'chainId' | 'diffId' | 'parent'>
  readonly whiteouts: 'overlay' | 'keep'
  readonly overlayXattrs: 'trusted' | 'user'
  /** Rootless: devices can't be made. */
  readonly skipDevices: boolean
  readonly minFreeBytes: number
}

/** How much of the compressed blob `storage.unpack` has read. */
export interface UnpackProgress {
  readonly completeBytes: number
}

/** What `storage.unpack` found out. */
export interface UnpackResult {
  readonly layer: LayerRecord
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

/** Arguments of `storage.attributes`. */
export interface AttributesArgs {
  readonly directory: string
  readonly attributes: DirectoryAttributes
}

/** Unpacks a layer, verifies its diffID, and has it on disk. */
export const unpackTask: NamespaceTask<UnpackArgs, UnpackResult, UnpackProgress> = { name: 'storage.unpack' }
/** Deletes trees. */
export const removeTask: NamespaceTask<{ readonly paths: readonly string[] }, null> = { name: 'storage.remove' }
/** Makes one tree out of layers. */
export const copyTask: NamespaceTask<CopyArgs, null> = { name: 'storage.copy' }
/** Gives a directory its owner and mode. */
export const attributesTask: NamespaceTask<AttributesArgs, null> = { name: 'storage.attributes' }
/** Adds up what a tree takes. */
export const usageTask: NamespaceTask<{ readonly path: string }, { readonly sizeBytes: number; readonly inodes: number }> = {
  name: 'storage.usage',
}

type HandlerOf<Task> =
  Task extends NamespaceTask<infer Args, infer Result, infer Progress> ? NamespaceTaskHandler<Args, Result, Progress> : never

const unpack: HandlerOf<typeof unpackTask> = async (args, context) => (await import('./unpack.ts')).unpack(args, context)
const remove: HandlerOf<typeof removeTask> = async (args, context) => (await import('./remove.ts')).remove(args, context)
const copy: HandlerOf<typeof copyTask> = async (args, context) => (await import('./copy.ts')).copy(args, context)
const attributes: HandlerOf<typeof attributesTask> = async (args) => (await import('./attributes.ts')).setAttributes(args)
const usage: HandlerOf<typeof usageTask> = async (args, context) => (await import('./usage.ts')).usage(args, context)

/** What this package runs inside the namespace, by task name, for the worker's entry to serve. The code of each is imported when it is first run. */
export const storageTaskHandlers: NamespaceTaskHandlers = {
  [unpackTask.name]: unpack,
  [removeTask.name]: remove,
  [copyTask.name]: copy,
  [attributesTask.name]: attributes,
  [usageTask.name]: usage,
  ...volumeTaskHandlers,
}
