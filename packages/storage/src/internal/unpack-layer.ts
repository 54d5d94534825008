import { emitProgress } from '@podwright/conventions'
import type { BlobProgress, NamespaceSession, PutBlobOptions } from '@podwright/contracts'
import { lockFile } from '@podwright/linux'
import { type Descriptor, type Digest, layerCompression } from '@podwright/oci'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { type GrowingFile, type LayerRecord, type UnpackArgs, unpackTask, type UnpackResult } from '../tasks/tasks.ts'
import { blobPath } from './blobs.ts'
import { syncParent } from './durable-files.ts'
import { hasLayer, layerChain, recordLayer, visibleLayers } from './layers.ts'
import { change, row, type Store } from './store.ts'
import { discard } from './trash.ts'

/** A layer to be unpacked from a blob that is there. */
export interface LayerPlan {
  readonly chainId: Digest
  readonly diffId: Digest
  readonly parent: Digest | null
  readonly descriptor: Descriptor
}

/** A blob on its way in, to be unpacked while it comes. */
export interface Arrival {
  /** The file that it grows in. */
  readonly path: string
  /** Resolves to whether it has come: verified, on disk and under its name. Never rejects. */
  readonly landed: Promise<boolean>
  /** Aborted when it won't come. */
  readonly failed: AbortSignal
}

/** How an unpacking gets on with those of the other layers of its image. */
export interface Companions {
  /** Resolves when a layer is there. */
  below(chainId: Digest): Promise<void>
  /** Told when all files are written, and only the disk has work left; again when the layer has to be unpacked once more. */
  extracted?(): void
}

const alone: Companions = { below: () => Promise.resolve() }

/**
 * Unpacks a layer unless it is there, under a lock: who comes second waits for the first. The tree is made beside its place, brought to disk
 * and renamed. Hold the layer and its blob by a lease before.
 *
 * @param companions waits for the layer below, in whose tree a directory may lie that this layer implies
 * @param arrival when the blob is still on its way. The layer gets its place when the blob has its own, and not before
 * @param session where it runs; asked for only when there is something to do
 * @returns false when the blob didn't come, and nothing is left of the layer
 * @throws `ERR_LAYER_DIFF_ID`, `ERR_STORAGE_FULL`, `ERR_ARCHIVE_…`
 */
export async function unpackLayer(
  store: Store,
  plan: LayerPlan,
  session: () => Promise<NamespaceSession>,
  options: PutBlobOptions = {},
  companions: Companions = alone,
  arrival?: Arrival,
): Promise<boolean> {
  // Held by a lease, what is there stays there, and nobody needs to be waited for.
  if ((await hasLayer(store, plan.chainId, options)) && isCompressionNoted(store, plan)) {
    emitProgress<BlobProgress>(options.onProgress, { type: 'layer:complete', descriptor: plan.descriptor })
    return true
  }
  const lockPath = store.paths.layerLock(plan.chainId)
  const lock = await lockFile(lockPath, { signal: options.signal, clock: store.clock })
  try {
    if (!(await hasLayer(store, plan.chainId, options))) {
      const isDone = await unpackLocked(store, plan, await session(), options, companions, arrival)
      if (!isDone) return false
    }
    if ((await arrival?.landed) === false) return false
    await noteCompression(store, plan, options)
    emitProgress<BlobProgress>(options.onProgress, { type: 'layer:complete', descriptor: plan.descriptor })
    return true
  } finally {
    rmSync(lockPath, { force: true })
    lock.release()
  }
}

async function unpackLocked(
  store: Store,
  plan: LayerPlan,
  session: NamespaceSession,
  options: PutBlobOptions,
  companions: Companions,
  arrival: Arrival | undefined,
): Promise<boolean> {
  const staging = store.paths.layerStaging(plan.chainId)
  makeStaging(staging)
  try {
    const early = arrival && (await unpackArriving(store, plan, staging, session, options, arrival))
    if ((await arrival?.landed) === false) {
      await discard(store, [staging])
      return false
    }
    const layer = await unpackWhole(store, plan, staging, session, options, companions, early)
    const path = store.paths.layer(plan.chainId)
    // A collection that was killed can have left a directory without a record.
    if (existsSync(path)) await discard(store, [path])
    renameSync(staging, path)
    await syncParent(path)
    await store.database.transaction(() => recordLayer(store, layer), options)
    return true
  } catch (error) {
    await discard(store, [staging]).catch(() => {})
    throw error
  }
}

function makeStaging(path: string): void {
  mkdirSync(path, { mode: 0o700 })
  // mkdir(2) has the umask's say; the namespace's root is us, so this works from outside.
  chmodSync(path, 0o700)
}

/** What came of an unpacking, and whether the trees below were known to it. */
interface Unpacked extends UnpackResult {
  readonly knewBelow: boolean
}

/**
 * Unpacks a blob while it comes in. Its diffID is verified as ever; that the blob's own digest is not yet is why the result is used when that has landed only.
 *
 * @returns undefined, with an empty staging directory, when this failed in any way: the blob may have begun anew, and is unpacked from its place then
 */
async function unpackArriving(
  store: Store,
  plan: LayerPlan,
  staging: string,
  session: NamespaceSession,
  options: PutBlobOptions,
  { path, failed }: Arrival,
): Promise<Unpacked | undefined> {
  const signal = options.signal === undefined ? failed : AbortSignal.any([failed, options.signal])
  try {
    return await runUnpack(store, plan, staging, session, { ...options, signal }, alone, { path, sizeBytes: plan.descriptor.size })
  } catch {
    options.signal?.throwIfAborted()
    await discard(store, [staging])
    makeStaging(staging)
    return undefined
  }
}

/**
 * Layers are unpacked in whatever order they come. One that has `tmp/x` without `tmp/`, and came before those below it, is unpacked once more when
 * these are there: only they know what `tmp` is like.
 */
async function unpackWhole(
  store: Store,
  plan: LayerPlan,
  staging: string,
  session: NamespaceSession,
  options: PutBlobOptions,
  companions: Companions,
  early: Unpacked | undefined,
): Promise<LayerRecord> {
  const { layer, impliedDirectories, knewBelow } = early ?? (await runUnpack(store, plan, staging, session, options, companions))
  if (impliedDirectories === 0 || plan.parent === null || knewBelow) return layer
  await companions.below(plan.parent)
  await discard(store, [staging])
  makeStaging(staging)
  return (await runUnpack(store, plan, staging, session, options, companions)).layer
}

/** Trees of the layers below, topmost first; null unless all are there. */
function treesBelow(store: Store, { parent }: Pick<LayerPlan, 'parent'>): string[] | null {
  if (parent === null) return []
  const chain = layerChain(store, parent)
  return chain.at(-1)?.isLowest === true ? visibleLayers(chain).map(({ path }) => path) : null
}

async function runUnpack(
  store: Store,
  plan: LayerPlan,
  directory: string,
  session: NamespaceSession,
  { signal, onProgress }: PutBlobOptions,
  companions: Companions,
  growing?: GrowingFile,
): Promise<Unpacked> {
  const { descriptor } = plan
  const args = await unpackArgs(store, plan, directory)
  const result = await session.run(unpackTask, growing === undefined ? args : { ...args, growing }, {
    signal,
    onProgress: (event) => {
      if ('extracted' in event) companions.extracted?.()
      else emitProgress<BlobProgress>(onProgress, { type: 'layer:unpack', descriptor, completeBytes: event.completeBytes })
    },
  })
  return { ...result, knewBelow: args.lowerDirectories !== null }
}

/** How a layer is unpacked for the driver in use. */
export async function unpackArgs(store: Store, plan: LayerPlan, directory: string): Promise<UnpackArgs> {
  const { descriptor, chainId, diffId, parent } = plan
  const { layerFormat } = await store.driver()
  return {
    blobPath: blobPath(store, descriptor.digest) ?? store.paths.blob(descriptor.digest),
    directory,
    layer: { chainId, diffId, parent },
    whiteouts: layerFormat.whiteouts === 'overlay' ? 'overlay' : 'keep',
    overlayXattrs: layerFormat.xattrs,
    skipDevices: store.namespace.rootless,
    minFreeBytes: store.minFreeBytes,
    lowerDirectories: treesBelow(store, plan),
  }
}

function isCompressionNoted(store: Store, { descriptor, diffId }: LayerPlan): boolean {
  return row(store.database, 'SELECT 1 FROM compressions WHERE diff_id = ? AND digest = ?', diffId, descriptor.digest) !== undefined
}

async function noteCompression(store: Store, { descriptor, diffId }: LayerPlan, options: PutBlobOptions): Promise<void> {
  const compression = descriptor.digest === diffId ? 'none' : (layerCompression(descriptor.mediaType) ?? 'unknown')
  await store.database.transaction(() => {
    change(
      store.database,
      'INSERT OR IGNORE INTO compressions VALUES (?, ?, ?, ?, ?)',
      diffId,
      descriptor.digest,
      descriptor.mediaType,
      compression,
      descriptor.size,
    )
  }, options)
}
