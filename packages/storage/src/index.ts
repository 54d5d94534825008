/**
 * Layer storage: a content store, layers, images and snapshots over drivers.
 *
 * @packageDocumentation
 */
export { createFuseOverlayfsDriver } from './drivers/fuse-overlayfs.ts'
export { createOverlayDriver } from './drivers/overlay.ts'
export { createVfsDriver, type VfsDriverComponents } from './drivers/vfs.ts'
export { StorageError, type StorageErrorCode, storageErrorCodes } from './errors.ts'
export { openStorage } from './open-storage.ts'
export type { StorageComponents, StorageOptions } from './options.ts'
export { storageTaskHandlers } from './tasks/tasks.ts'
