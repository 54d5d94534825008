/**
 * Layer storage: a content store, layers, images and snapshots over drivers.
 *
 * @packageDocumentation
 */
export { type ExecutableDriverOptions, openExecutableDriver } from './drivers/executable-driver.ts'
export { createFuseOverlayfsDriver } from './drivers/fuse-overlayfs.ts'
export { createOverlayDriver } from './drivers/overlay.ts'
export { createVfsDriver, type VfsDriverComponents } from './drivers/vfs.ts'
export { eraseStorage, isStorageEntry } from './erase-storage.ts'
export { StorageError, type StorageErrorCode, storageErrorCodes } from './errors.ts'
export { openStorage } from './open-storage.ts'
export type { StorageComponents, StorageOptions } from './options.ts'
export { type RebuildOptions, rebuildStorage } from './rebuild-storage.ts'
export { storageTaskHandlers } from './tasks/tasks.ts'
export { createExecutableVolumeDriver, type ExecutableVolumeDriverOptions } from './volumes/executable-driver.ts'
export { createLocalVolumeDriver } from './volumes/local/local-driver.ts'
export { openVolumes, type VolumesComponents, type VolumesOptions } from './volumes/open-volumes.ts'
