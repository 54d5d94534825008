import type { MountSpec } from '@podwright/contracts'
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Mounts of a tree for one visit, with what they need on the disk. */
export interface VolatileMounts extends Disposable {
  readonly mounts: readonly MountSpec[]
}

/**
 * The mounts of a tree, with its overlay a volatile one: when that is unmounted, the kernel does not have the whole file system below on the disk, which takes seconds after
 * a large copy, and which nobody who copies files asks for.
 *
 * Such an overlay marks its work directory, and is not mounted with that again until the mark is gone
 * (https://docs.kernel.org/filesystems/overlayfs.html#volatile-mount). So it gets one of its own, beside the container's: what a visit that was killed leaves there is in
 * nobody's way but the next one's, which takes it away.
 *
 * @returns undefined when there is no overlay that is written to. Dispose of it once the mounts are gone
 */
export function volatileMounts(mounts: readonly MountSpec[]): VolatileMounts | undefined {
  const works = new Set<string>()
  const changed = mounts.map((mount) => {
    const work = mount.type === 'overlay' ? mount.options.find((option) => option.startsWith(workOption)) : undefined
    if (work === undefined) return mount
    const own = `${work}${suffix}`
    works.add(resolve(mount.workingDirectory ?? '/', own.slice(workOption.length)))
    return { ...mount, options: [...mount.options.map((option) => (option === work ? own : option)), 'volatile'] }
  })
  if (works.size === 0) return undefined
  for (const work of works) {
    removeWork(work)
    mkdirSync(work, { mode: 0o700 })
  }
  return { mounts: changed, [Symbol.dispose]: () => works.forEach(removeWork) }
}

const workOption = 'workdir='
const suffix = '-of-visit'

/** What the kernel makes there belongs to the namespace's root, which is us, and lets nobody in. */
function removeWork(work: string): void {
  for (const path of ['work', 'work/incompat', 'work/incompat/volatile']) {
    try {
      chmodSync(join(work, path), 0o700)
    } catch {
      // The kernel makes them as it needs them.
    }
  }
  rmSync(work, { recursive: true, force: true })
}
