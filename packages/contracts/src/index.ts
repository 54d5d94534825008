/**
 * The interfaces that podwright's blocks implement and its plugins extend. Types only: nothing here runs.
 *
 * @packageDocumentation
 */
export type * from './container-processes.ts'
export type * from './container-tuning.ts'
export type * from './engine-artifacts.ts'
export type * from './engine-containers.ts'
export type * from './engine-image-places.ts'
export type * from './engine-image-transfers.ts'
export type * from './engine-images.ts'
export type * from './engine-manifests.ts'
export type * from './engine-registries.ts'
export type * from './engine-system.ts'
export type * from './engine-volumes.ts'
export type * from './engine.ts'
export type * from './image-name.ts'
export type * from './image-transport.ts'
export type * from './mount.ts'
export type * from './namespace.ts'
export type * from './plugin.ts'
export type * from './runtime.ts'
export type * from './special-files.ts'
export type * from './storage-driver.ts'
export type * from './storage.ts'
export type * from './uplink.ts'
export type * from './tree-files.ts'
export type * from './volume.ts'
