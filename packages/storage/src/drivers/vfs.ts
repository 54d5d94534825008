import type { AbortOptions } from '@podwright/conventions'
import type { SnapshotPlan, SnapshotView, StorageDriver, StorageDriverComponents } from '@podwright/contracts'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { deleteTrees } from '../internal/trash.ts'
import { copyTask } from '../tasks/tasks.ts'
import { giveAttributes, snapshotUsage } from './stacked.ts'

/** Components of `createVfsDriver`. */
export interface VfsDriverComponents extends StorageDriverComponents {
  /** Free space that a copy leaves on the disk. @default 0 */
  readonly minFreeBytes?: number | undefined
}

/** Each snapshot is a copy of its layers (of references where the file system has them). Slow and large, and works everywhere. */
export function createVfsDriver(components: VfsDriverComponents): StorageDriver {
  const { namespace, minFreeBytes = 0 } = components
  return {
    name: 'vfs',
    layerFormat: { whiteouts: 'markers', xattrs: 'user' },
    mapsIds: true,
    probe: () => Promise.resolve({ supported: true }),
    async prepare(plan: SnapshotPlan, abort: AbortOptions = {}) {
      const directory = treeOf(plan)
      mkdirSync(directory, { mode: 0o700 })
      if (plan.layers.length === 0 && plan.idMap === undefined) return giveAttributes(namespace, directory, plan.root, abort)
      const layers = plan.layers.map(({ path }) => path).toReversed()
      await namespace.run(copyTask, { layers, directory, root: plan.root, idMap: plan.idMap ?? null, minFreeBytes }, abort)
    },
    view: vfsView,
    remove: (directory, abort = {}) => deleteTrees(namespace, [directory], abort),
    usage: (directory, abort = {}) => snapshotUsage(namespace, directory, abort),
  }
}

function treeOf({ directory }: SnapshotPlan): string {
  return join(directory, 'tree')
}

function vfsView(plan: SnapshotPlan): SnapshotView {
  const tree = treeOf(plan)
  const mounts = plan.readOnly ? [{ type: 'bind', source: tree, target: tree, options: ['bind', 'ro'] }] : []
  return { rootfs: tree, mounts, layers: [tree] }
}
