import type { AbortOptions } from '@podwright/conventions'
import { lockFile } from '@podwright/linux'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { mapTask } from '../tasks/tasks.ts'
import { syncParent } from './durable-files.ts'
import { layerChain, rootAttributes } from './layers.ts'
import { type MappedLayer, mappedLock, mappedPlace } from './mapped-places.ts'
import { uniqueName } from './paths.ts'
import { runTask } from './run-task.ts'
import type { Store } from './store.ts'
import { discard } from './trash.ts'
import { openTree } from './trees.ts'

/**
 * Makes what the layers up to `top` show once more, as one tree with its ids put through a map, unless it is there. Under a lock: who comes second waits
 * for the first. The tree is made beside its place, brought to disk and renamed. A snapshot's row must hold the layer before.
 */
export async function ensureMappedLayer(store: Store, mapped: MappedLayer, options: AbortOptions): Promise<void> {
  const place = mappedPlace(store, mapped)
  if (existsSync(place)) return
  const lockPath = mappedLock(store, place)
  const lock = await lockFile(lockPath, { signal: options.signal, clock: store.clock })
  try {
    if (!existsSync(place)) await makeMapped(store, mapped, place, options)
  } finally {
    rmSync(lockPath, { force: true })
    lock.release()
  }
}

async function makeMapped(store: Store, { top, idMap }: MappedLayer, place: string, options: AbortOptions): Promise<void> {
  const staging = `${place}.${uniqueName()}`
  const directory = join(staging, 'diff')
  await using tree = await openTree(store, { layer: top }, { signal: options.signal })
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  try {
    const { mounts, rootfs } = tree
    const root = rootAttributes(layerChain(store, top))
    await runTask(store, mapTask, { tree: { mounts, rootfs }, directory, root, idMap, minFreeBytes: store.minFreeBytes }, options)
    renameSync(staging, place)
    await syncParent(place)
  } catch (error) {
    await discard(store, [staging]).catch(() => {})
    throw error
  }
}
