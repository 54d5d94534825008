import type { AbortOptions } from '@podwright/conventions'
import { lockFile } from '@podwright/linux'
import { chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { verifyTask } from '../../tasks/tasks.ts'
import { syncParent } from '../durable-files.ts'
import { runTask } from '../run-task.ts'
import type { Store } from '../store.ts'
import { discard } from '../trash.ts'
import { type LayerPlan, unpackArgs } from '../unpack-layer.ts'

/**
 * Unpacks a layer once more, beside, and compares. With `replace`, the new tree takes the place of the old one if they differ.
 *
 * @returns the paths that differ
 */
export async function verifyLayer(store: Store, plan: LayerPlan, replace: boolean, options: AbortOptions): Promise<readonly string[]> {
  const lockPath = store.paths.layerLock(plan.chainId)
  const lock = await lockFile(lockPath, { signal: options.signal, clock: store.clock })
  const staging = store.paths.layerStaging(plan.chainId)
  const path = store.paths.layer(plan.chainId)
  try {
    mkdirSync(staging, { mode: 0o700 })
    chmodSync(staging, 0o700)
    const unpack = await unpackArgs(store, plan, staging)
    const { changes } = await runTask(store, verifyTask, { unpack, tree: join(path, 'diff') }, options)
    if (replace && changes.length > 0) {
      await discard(store, [path])
      renameSync(staging, path)
      await syncParent(path)
    }
    return changes.map(([, changed]) => `/${Buffer.from(changed, 'base64').toString()}`)
  } finally {
    await discard(store, [staging]).catch(() => {})
    rmSync(lockPath, { force: true })
    lock.release()
  }
}
