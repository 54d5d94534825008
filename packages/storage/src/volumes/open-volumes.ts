import { systemClock } from '@podwright/conventions'
import type { Clock, AbortOptions } from '@podwright/conventions'
import type { NamespaceExecutor, VolumeDriver, VolumeDriverFactory, VolumeHolders, VolumeStore } from '@podwright/contracts'
import { mkdirSync } from 'node:fs'
import { StorageError } from '../errors.ts'
import { defaultMinFreeBytes } from '../internal/free-space.ts'
import { findVolume, listVolumes } from './find-volume.ts'
import { holdVolume, releaseVolume } from './hold-volume.ts'
import type { VolumeContext } from './volume-context.ts'
import { volumeLayout } from './volume-layout.ts'

/** What a store of volumes builds on. */
export interface VolumesComponents {
  /** Runs inside what owns the files of volumes: the user namespace when rootless. */
  readonly namespace: NamespaceExecutor
  /** @default every holder is there, and active */
  readonly holders?: VolumeHolders | undefined
  /** Drivers besides `local`, by name. */
  readonly drivers?: Readonly<Record<string, VolumeDriverFactory>> | undefined
  /** @default the machine's */
  readonly clock?: Clock | undefined
}

/** Options of `openVolumes`. */
export interface VolumesOptions {
  /** The data root; volumes are in `volumes/` there. Absolute. */
  readonly root: string
  /** Directory of what doesn't outlive a reboot. Absolute. */
  readonly runRoot: string
  /** Free space that copies leave on the disk. @default the larger of 1 GiB and 5 % of the file system */
  readonly minFreeBytes?: number | undefined
}

const everyone: VolumeHolders = { exists: () => true, isActive: () => true }

/**
 * The volumes of a data root. Opening reads nothing, and there is nothing to close: a volume is a directory with a record in it, and what several processes
 * do at once is settled by locks in those directories.
 */
export function openVolumes(components: VolumesComponents, options: VolumesOptions): VolumeStore {
  const context = contextOf(components, options)
  return {
    create: async (create = {}) => (await import('./create-volume.ts')).createVolume(context, create),
    find: (reference) => findVolume(context, reference),
    list: () => listVolumes(context),
    remove: async (name, abort = {}) => (await import('./remove-volume.ts')).removeVolume(context, name, abort),
    hold: (name, holder, abort = {}) => holdVolume(context, name, holder, abort),
    release: async (name, holder) => releaseVolume(context, name, holder),
    mount: async (name, holder, abort = {}) => (await import('./mount-volume.ts')).mountVolume(context, name, holder, abort),
    unmount: async (name, holder, abort = {}) => (await import('./mount-volume.ts')).unmountVolume(context, name, holder, abort),
    copyUp: async (name, holder, source, abort = {}) =>
      (await import('./volume-content.ts')).copyUpVolume(context, name, holder, source, abort),
    changeOwner: async (name, owner, abort = {}) => (await import('./volume-content.ts')).changeVolumeOwner(context, name, owner, abort),
    usage: async (name, abort = {}) => (await import('./volume-content.ts')).volumeUsage(context, name, abort),
    async *export(name, abort = {}) {
      yield* (await import('./volume-content.ts')).exportVolume(context, name, abort)
    },
    import: async (name, tar, abort = {}) => (await import('./volume-content.ts')).importVolume(context, name, tar, abort),
    clone: async (name, newName, clone = {}) => (await import('./volume-content.ts')).cloneVolume(context, name, newName, clone),
    rename: async (name, newName, abort: AbortOptions = {}) =>
      (await import('./rename-volume.ts')).renameVolume(context, name, newName, abort),
    sweep: async (abort = {}) => (await import('./remove-volume.ts')).sweepVolumes(context, abort),
    check: async (check = {}) => (await import('./check-volumes.ts')).checkVolumes(context, check),
  }
}

function contextOf(components: VolumesComponents, options: VolumesOptions): VolumeContext {
  const { namespace, holders = everyone, drivers = {}, clock = systemClock } = components
  const layout = volumeLayout(options.root)
  const made = new Map<string, Promise<VolumeDriver>>()
  return {
    layout,
    runRoot: options.runRoot,
    namespace,
    clock,
    holders,
    minFreeBytes: () => options.minFreeBytes ?? freeBytesOf(layout.root),
    driver(name) {
      const driver = made.get(name) ?? makeDriver(name, drivers, namespace)
      made.set(name, driver)
      return driver
    },
  }
}

function freeBytesOf(root: string): number {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  return defaultMinFreeBytes(root)
}

async function makeDriver(
  name: string,
  drivers: Readonly<Record<string, VolumeDriverFactory>>,
  namespace: NamespaceExecutor,
): Promise<VolumeDriver> {
  const factory = Object.hasOwn(drivers, name) ? drivers[name] : undefined
  if (factory !== undefined) return factory({ namespace })
  if (name === 'local') return (await import('./local/local-driver.ts')).createLocalVolumeDriver({ namespace })
  throw new StorageError('ERR_VOLUME_DRIVER_UNKNOWN', `there is no volume driver "${name}"`, {
    hint: `The drivers are ${['local', ...Object.keys(drivers)].join(', ')}.`,
    details: { driver: name },
  })
}
