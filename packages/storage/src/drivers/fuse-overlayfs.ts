import type { AbortOptions } from '@podwright/conventions'
import type { SnapshotPlan, SnapshotView, StorageDriver, StorageDriverComponents, StorageDriverProbe } from '@podwright/contracts'
import { accessSync, constants } from 'node:fs'
import { relative } from 'node:path'
import { findTool, installHint } from '@podwright/linux'
import { deleteTrees } from '../internal/trash.ts'
import { probeMounts } from './probe-mounts.ts'
import { makeStackedDirectories, snapshotUsage, stackedDirectories } from './stacked.ts'

const program = 'fuse-overlayfs'
const device = '/dev/fuse'

/** The fuse-overlayfs program: for rootless use on kernels whose own overlayfs does not allow it. Reads the layers that `overlay` writes for the same user. */
export function createFuseOverlayfsDriver(components: StorageDriverComponents): StorageDriver {
  const { namespace } = components
  return {
    name: 'fuse-overlayfs',
    layerFormat: { whiteouts: 'overlay', xattrs: namespace.rootless ? 'user' : 'trusted' },
    mapsIds: false,
    async probe(directory: string, abort: AbortOptions = {}): Promise<StorageDriverProbe> {
      if (findTool(program) === undefined) return { supported: false, reason: `${program} is not installed`, hint: installHint(program) }
      if (!isUsable(device)) {
        return { supported: false, reason: `${device} can not be opened`, hint: `As root: modprobe fuse && chmod 666 ${device}` }
      }
      return probeMounts(namespace, directory, fuseView, abort)
    },
    prepare: (plan, abort = {}) => makeStackedDirectories(namespace, plan, abort),
    view: fuseView,
    remove: (directory, abort = {}) => deleteTrees(namespace, [directory], abort),
    usage: (directory, abort = {}) => snapshotUsage(namespace, directory, abort),
  }
}

function fuseView(plan: SnapshotPlan): SnapshotView {
  const { rootfs, upper, work } = stackedDirectories(plan)
  const layers = [upper, ...plan.layers.map(({ path }) => path)]
  if (plan.layers.length === 0) {
    const bind = { type: 'bind', source: upper, target: upper, options: ['bind', 'ro'] }
    return { rootfs: upper, mounts: plan.readOnly ? [bind] : [], layers, upper }
  }
  const short = (path: string): string => relative(plan.workingDirectory, path)
  const lower = plan.layers.map(({ shortPath }) => shortPath)
  const options = plan.readOnly
    ? ['ro', `lowerdir=${[short(upper), ...lower].join(':')}`]
    : [`lowerdir=${lower.join(':')}`, `upperdir=${short(upper)}`, `workdir=${short(work)}`]
  return {
    rootfs,
    mounts: [
      {
        type: 'fuse.fuse-overlayfs',
        source: program,
        target: rootfs,
        options,
        workingDirectory: plan.workingDirectory,
        command: [program, '-o', options.join(','), rootfs],
      },
    ],
    layers,
    upper,
  }
}

function isUsable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
