import type { AbortOptions } from '@podwright/conventions'
import type { SnapshotPlan } from '@podwright/contracts'
import { lockFile } from '@podwright/linux'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { adoptTask, type LayerRecord } from '../tasks/tasks.ts'
import { syncParent } from './durable-files.ts'
import { hasLayer, recordLayer } from './layers.ts'
import { runTask } from './run-task.ts'
import { removeSnapshot, requireUnmounted } from './snapshots.ts'
import { change, type Store } from './store.ts'
import { discard, moveToTrash } from './trash.ts'

/**
 * Ends a snapshot; its upper directory becomes the layer, where the driver keeps layers in that form. The row goes first: a kill after that leaves
 * the layer's blob, and garbage.
 */
export async function adoptLayer(
  store: Store,
  key: string,
  plan: SnapshotPlan,
  layer: Pick<LayerRecord, 'chainId' | 'diffId' | 'parent'> | undefined,
  options: AbortOptions,
): Promise<void> {
  const driver = await store.driver()
  const { upper, mounts } = driver.view(plan)
  const movable = driver.layerFormat.whiteouts === 'overlay' && plan.idMap === undefined
  if (layer === undefined || upper === undefined || !movable) return removeSnapshot(store, key, options)
  const lockPath = store.paths.layerLock(layer.chainId)
  const lock = await lockFile(lockPath, { signal: options.signal, clock: store.clock })
  try {
    if (await hasLayer(store, layer.chainId, options)) return await removeSnapshot(store, key, options)
    requireUnmounted(store, key, mounts)
    await store.database.transaction(() => change(store.database, 'DELETE FROM snapshots WHERE key = ?', key), options)
    await moveUpper(store, plan, upper, layer, options)
  } finally {
    rmSync(lockPath, { force: true })
    lock.release()
  }
}

async function moveUpper(
  store: Store,
  plan: SnapshotPlan,
  upper: string,
  layer: Pick<LayerRecord, 'chainId' | 'diffId' | 'parent'>,
  options: AbortOptions,
): Promise<void> {
  const staging = store.paths.layerStaging(layer.chainId)
  mkdirSync(staging, { mode: 0o700 })
  chmodSync(staging, 0o700)
  try {
    const { layer: record } = await runTask(store, adoptTask, { from: upper, directory: staging, layer }, options)
    const path = store.paths.layer(layer.chainId)
    if (existsSync(path)) await discard(store, [path])
    renameSync(staging, path)
    await syncParent(path)
    await store.database.transaction(() => recordLayer(store, record), options)
  } catch (error) {
    await discard(store, [staging]).catch(() => {})
    throw error
  }
  const trashed = moveToTrash(store, plan.directory)
  if (trashed !== undefined) await (await store.driver()).remove(trashed, options)
}
