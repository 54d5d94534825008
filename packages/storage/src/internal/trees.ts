import type { AbortOptions } from '@podwright/conventions'
import type { IdMap, TreeReference } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import type { TreeView } from '../tasks/tasks.ts'
import { imageNotFound, readAnyImage } from './images.ts'
import { layerChain, visibleLayers } from './layers.ts'
import { makeLease } from './leases.ts'
import { uniqueName } from './paths.ts'
import { type StoredPlan, viewOf } from './snapshot-base.ts'
import { mountKeyPrefix, prepareAnySnapshot, readPlan, removeSnapshotByKey, snapshotNotFound } from './snapshots.ts'
import type { Store } from './store.ts'

/** A tree that can be read until it is disposed of. */
export interface OpenTree extends TreeView, AsyncDisposable {
  /** The ids that its files have were put through this. */
  readonly idMap: IdMap | undefined
}

/** How a tree is opened. */
export interface OpenTreeOptions extends AbortOptions {
  /** Layers are shown through it, to be compared with a snapshot that is; a snapshot has its own. @default as stored */
  readonly idMap?: IdMap | undefined
}

/** Makes a tree readable; what that takes is taken away afterwards, by a collection at the latest. */
export async function openTree(store: Store, tree: TreeReference | EmptyTree | DirectoryTree, options: OpenTreeOptions): Promise<OpenTree> {
  if ('snapshot' in tree) return snapshotTree(store, tree.snapshot)
  if ('directory' in tree) {
    return { rootfs: tree.directory, mounts: [], idMap: undefined, [Symbol.asyncDispose]: () => Promise.resolve() }
  }
  const key = `${mountKeyPrefix}temporary.${uniqueName()}`
  const lease = await makeLease(store, options)
  const dispose = async (): Promise<void> => {
    try {
      await removeSnapshotByKey(store, key)
    } finally {
      await lease[Symbol.asyncDispose]()
    }
  }
  try {
    const base = 'image' in tree ? { image: tree.image } : { topLayer: tree.layer }
    const { mounts, rootfs } = await prepareAnySnapshot(store, key, {
      ...base,
      readOnly: true,
      lease,
      idMap: options.idMap,
      signal: options.signal,
    })
    return { mounts, rootfs, idMap: options.idMap, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose().catch(() => {})
    throw error
  }
}

/** No layer at all. */
export interface EmptyTree {
  readonly layer: undefined
}

/** A directory that a snapshot is on. */
export interface DirectoryTree {
  readonly directory: string
}

/** As it is, whether or not it is in use: looked at through a read-only view. */
async function snapshotTree(store: Store, key: string): Promise<OpenTree> {
  const plan = requirePlan(store, key)
  const { mounts, rootfs } = viewOf(await store.driver(), { ...plan, readOnly: true })
  return { mounts, rootfs, idMap: plan.idMap, [Symbol.asyncDispose]: () => Promise.resolve() }
}

/** @throws `ERR_SNAPSHOT_NOT_FOUND` */
export function requirePlan(store: Store, key: string): StoredPlan {
  const plan = readPlan(store, key)
  if (plan === undefined) throw snapshotNotFound(key)
  return plan
}

/** The layers of an image or up to a layer, topmost first. @throws `ERR_IMAGE_NOT_FOUND` */
export function layersOf(store: Store, tree: { readonly image: Digest } | { readonly layer: Digest }): readonly Digest[] {
  if ('layer' in tree) return layerChain(store, tree.layer).map(({ chainId }) => chainId)
  const image = readAnyImage(store, tree.image)
  if (image === undefined) throw imageNotFound(tree.image)
  return image.layers.toReversed()
}

/** The directories of which anything is to be seen, topmost first. */
export function visiblePaths(store: Store, top: Digest | undefined): string[] {
  return visibleLayers(layerChain(store, top)).map(({ path }) => path)
}
