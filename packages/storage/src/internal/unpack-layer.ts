import { emitProgress } from '@podwright/conventions'
import type { BlobProgress, NamespaceSession, PutBlobOptions } from '@podwright/contracts'
import { lockFile } from '@podwright/linux'
import { type Descriptor, type Digest, layerCompression } from '@podwright/oci'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { type UnpackArgs, unpackTask, type UnpackResult } from '../tasks/tasks.ts'
import { blobPath } from './blobs.ts'
import { syncParent } from './durable-files.ts'
import { hasLayer, recordLayer } from './layers.ts'
import { change, type Store } from './store.ts'
import { discard } from './trash.ts'

/** A layer to be unpacked from a blob that is there. */
export interface LayerPlan {
  readonly chainId: Digest
  readonly diffId: Digest
  readonly parent: Digest | null
  readonly descriptor: Descriptor
}

/**
 * Unpacks a layer unless it is there, under a lock: who comes second waits for the first. The tree is made beside its place, brought to disk
 * and renamed. Hold the layer and its blob by a lease before.
 *
 * @param session where it runs; asked for only when there is something to do
 * @throws `ERR_LAYER_DIFF_ID`, `ERR_STORAGE_FULL`, `ERR_ARCHIVE_…`
 */
export async function unpackLayer(
  store: Store,
  plan: LayerPlan,
  session: () => Promise<NamespaceSession>,
  options: PutBlobOptions = {},
): Promise<void> {
  const lockPath = store.paths.layerLock(plan.chainId)
  const lock = await lockFile(lockPath, { signal: options.signal, clock: store.clock })
  try {
    if (!(await hasLayer(store, plan.chainId, options))) await unpackLocked(store, plan, await session(), options)
    await noteCompression(store, plan, options)
    emitProgress<BlobProgress>(options.onProgress, { type: 'layer:complete', descriptor: plan.descriptor })
  } finally {
    rmSync(lockPath, { force: true })
    lock.release()
  }
}

async function unpackLocked(store: Store, plan: LayerPlan, session: NamespaceSession, options: PutBlobOptions): Promise<void> {
  const staging = store.paths.layerStaging(plan.chainId)
  mkdirSync(staging, { mode: 0o700 })
  // mkdir(2) has the umask's say; the namespace's root is us, so this works from outside.
  chmodSync(staging, 0o700)
  try {
    const { layer } = await runUnpack(store, plan, staging, session, options)
    const path = store.paths.layer(plan.chainId)
    // A collection that was killed can have left a directory without a record.
    if (existsSync(path)) await discard(store, [path])
    renameSync(staging, path)
    await syncParent(path)
    await store.database.transaction(() => recordLayer(store, layer), options)
  } catch (error) {
    await discard(store, [staging]).catch(() => {})
    throw error
  }
}

async function runUnpack(
  store: Store,
  plan: LayerPlan,
  directory: string,
  session: NamespaceSession,
  { signal, onProgress }: PutBlobOptions,
): Promise<UnpackResult> {
  const { descriptor } = plan
  return session.run(unpackTask, await unpackArgs(store, plan, directory), {
    signal,
    onProgress: ({ completeBytes }) => emitProgress<BlobProgress>(onProgress, { type: 'layer:unpack', descriptor, completeBytes }),
  })
}

/** How a layer is unpacked for the driver in use. */
export async function unpackArgs(store: Store, { descriptor, chainId, diffId, parent }: LayerPlan, directory: string): Promise<UnpackArgs> {
  const { layerFormat } = await store.driver()
  return {
    blobPath: blobPath(store, descriptor.digest) ?? store.paths.blob(descriptor.digest),
    directory,
    layer: { chainId, diffId, parent },
    whiteouts: layerFormat.whiteouts === 'overlay' ? 'overlay' : 'keep',
    overlayXattrs: layerFormat.xattrs,
    skipDevices: store.namespace.rootless,
    minFreeBytes: store.minFreeBytes,
  }
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
