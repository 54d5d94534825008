import type { AbortOptions } from '@podwright/conventions'
import type {
  MountSpec,
  SnapshotPlan,
  SnapshotView,
  StorageDriver,
  StorageDriverComponents,
  StorageDriverProbe,
} from '@podwright/contracts'
import { relative } from 'node:path'
import { makeStackedDirectories, snapshotUsage, stackedDirectories } from './stacked.ts'
import { deleteTrees } from '../internal/trash.ts'
import { probeMounts } from './probe-mounts.ts'

/**
 * Why each option:
 * - `index=off`: an index ties an upper directory to its lower ones for good, and the kernel's default differs between distributions.
 * - `metacopy=off`, `redirect_dir=nofollow`: an upper directory must hold whole files under their own names, since it becomes a layer at a
 *   commit; and attributes in a layer must never lead anywhere.
 * - not `volatile`: what a container synced must outlive a power cut.
 */
const commonOptions = ['index=off', 'metacopy=off', 'redirect_dir=nofollow']

/** overlayfs of the kernel. Rootless it needs `userxattr`: kernel 5.11 or later. */
export function createOverlayDriver(components: StorageDriverComponents): StorageDriver {
  const { namespace } = components
  const options = namespace.rootless ? [...commonOptions, 'userxattr'] : commonOptions
  const view = (plan: SnapshotPlan): SnapshotView => overlayView(plan, options)
  return {
    name: 'overlay',
    layerFormat: { whiteouts: 'overlay', xattrs: namespace.rootless ? 'user' : 'trusted' },
    mapsIds: false,
    probe: (directory: string, abort: AbortOptions = {}): Promise<StorageDriverProbe> => probeMounts(namespace, directory, view, abort),
    prepare: (plan, abort = {}) => makeStackedDirectories(namespace, plan, abort),
    view,
    remove: (directory, abort = {}) => deleteTrees(namespace, [directory], abort),
    usage: (directory, abort = {}) => snapshotUsage(namespace, directory, abort),
  }
}

function overlayView(plan: SnapshotPlan, driverOptions: readonly string[]): SnapshotView {
  const { rootfs, upper, work } = stackedDirectories(plan)
  const layers = [upper, ...plan.layers.map(({ path }) => path)]
  if (plan.layers.length === 0) return { rootfs: upper, mounts: plan.readOnly ? [readOnlyBind(upper)] : [], layers, upper }
  const short = (path: string): string => relative(plan.workingDirectory, path)
  const lower = plan.layers.map(({ shortPath }) => shortPath)
  const stack = plan.readOnly
    ? [`lowerdir=${[short(upper), ...lower].join(':')}`]
    : [`lowerdir=${lower.join(':')}`, `upperdir=${short(upper)}`, `workdir=${short(work)}`]
  const mount: MountSpec = {
    type: 'overlay',
    source: 'overlay',
    target: rootfs,
    options: [...(plan.readOnly ? ['ro'] : []), ...stack, ...driverOptions],
    workingDirectory: plan.workingDirectory,
  }
  return { rootfs, mounts: [mount], layers, upper }
}

/** An empty tree needs no stack. */
function readOnlyBind(path: string): MountSpec {
  return { type: 'bind', source: path, target: path, options: ['bind', 'ro'] }
}
