import { systemClock } from '@podwright/conventions'
import type { Storage, StorageDriver } from '@podwright/contracts'
import { openDatabase } from '@podwright/linux'
import type { ImageConfig } from '@podwright/oci'
import { existsSync } from 'node:fs'
import { chooseDriver, rememberedDriver } from './internal/choose-driver.ts'
import { findImage } from './internal/find-image.ts'
import { defaultMinFreeBytes } from './internal/free-space.ts'
import { imageNotFound, listImages } from './internal/images.ts'
import { makeDirectories, storagePaths } from './internal/paths.ts'
import { storageSchema } from './internal/schema.ts'
import { listSnapshots, prepareSnapshot, readSnapshot, removeSnapshot } from './internal/snapshots.ts'
import { row, type Store, text } from './internal/store.ts'
import type { StorageComponents, StorageOptions } from './options.ts'

/**
 * Opens a storage: one small file; nothing is looked for, tried or cleaned up. The storage driver is chosen when it is first needed.
 *
 * @throws `ERR_DATABASE_NEWER` and the other errors of a database; an error as `node:fs` throws it when the root can't be made.
 */
export async function openStorage(components: StorageComponents, options: StorageOptions): Promise<Storage> {
  const { store, asked } = await openStore(components, options)
  const { database } = store
  return {
    root: options.root,
    driverName: () => rememberedDriver(database) ?? asked ?? 'auto',
    lease: async (abort = {}) => (await import('./internal/leases.ts')).makeLease(store, abort),

    findImage: (reference) => findImage(store, reference),
    listImages: () => listImages(store),
    async imageConfig(id) {
      const found = row(database, 'SELECT config FROM images WHERE id = ?', id)
      if (found === undefined) throw imageNotFound(id)
      return JSON.parse(text(found['config'])) as ImageConfig
    },
    tagImage: async (id, name) => (await import('./internal/tag-image.ts')).tagImage(store, id, name),
    removeName: async (name, remove = {}) => (await import('./internal/remove-image.ts')).removeName(store, name, remove),
    removeImage: async (id, remove = {}) => (await import('./internal/remove-image.ts')).removeImage(store, id, remove),

    destination: async (name, asked = {}) => (await import('./internal/destination.ts')).openDestination(store, name, asked),
    source: async (reference) => (await import('./internal/source.ts')).openSource(store, reference),

    prepareSnapshot: (key, prepare = {}) => prepareSnapshot(store, key, prepare),
    snapshot: (key) => readSnapshot(store, key),
    listSnapshots: () => listSnapshots(store),
    removeSnapshot: (key, abort = {}) => removeSnapshot(store, key, abort),

    collectGarbage: async (garbage = {}) => (await import('./internal/garbage.ts')).collectGarbage(store, garbage),
    async [Symbol.asyncDispose]() {
      database.close()
    },
  } as Storage
}

async function openStore(
  components: StorageComponents,
  options: StorageOptions,
): Promise<{ readonly store: Store; readonly asked: string | undefined }> {
  const { namespace, clock = systemClock, drivers = {} } = components
  const paths = storagePaths(options.root)
  // The database is made last, so its presence says that all is there.
  if (!existsSync(paths.database)) makeDirectories(options.root)
  const database = await openDatabase(paths.database, storageSchema, { signal: options.signal, clock })
  const minFreeBytes = options.minFreeBytes ?? defaultMinFreeBytes(options.root)
  let driver: Promise<StorageDriver> | undefined
  const choose = (): Promise<StorageDriver> =>
    chooseDriver({ database, components: { namespace }, plugins: drivers, asked: options.driver, minFreeBytes, scratch: paths.trash() })
  const store: Store = {
    paths,
    runRoot: options.runRoot,
    database,
    clock,
    namespace,
    minFreeBytes,
    unpackConcurrency: options.unpackConcurrency ?? 2,
    driver() {
      driver ??= choose()
      // What was wrong may be mended.
      driver.catch(() => (driver = undefined))
      return driver
    },
  }
  return { store, asked: options.driver }
}
