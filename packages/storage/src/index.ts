/**
 * Layer storage: a content store, layers, images and snapshots over drivers.
 *
 * @packageDocumentation
 */
export { StorageError, type StorageErrorCode, storageErrorCodes } from './errors.ts'
export { openStorage } from './open-storage.ts'
export type { StorageComponents, StorageOptions } from './options.ts'
export { storageTaskHandlers } from './tasks/tasks.ts'
