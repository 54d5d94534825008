import { systemClock } from '@podwright/conventions'
import type { Storage, StorageDriver } from '@podwright/contracts'
import { openDatabase } from '@podwright/linux'
import { existsSync } from 'node:fs'
import { readDocument } from './internal/blobs.ts'
import { chooseDriver, rememberedDriver } from './internal/choose-driver.ts'
import { findImage } from './internal/find-image.ts'
import { defaultMinFreeBytes } from './internal/free-space.ts'
import { listImages, readConfig } from './internal/images.ts'
import { makeDirectories, storagePaths } from './internal/paths.ts'
import { createUnpackWorkers } from './internal/unpack-workers.ts'
import { storageSchema } from './internal/schema.ts'
import { listSnapshots, prepareSnapshot, readSnapshot, removeSnapshot } from './internal/snapshots.ts'
import type { Shelf, Store } from './internal/store.ts'
import type { StorageComponents, StorageOptions } from './options.ts'

/**
 * Opens a storage: one small file; nothing is looked for, tried or cleaned up. The storage driver is chosen when it is first needed.
 *
 * @throws `ERR_DATABASE_NEWER` and the other errors of a database; an error as `node:fs` throws it when the root can't be made.
 */
export async function openStorage(components: StorageComponents, options: StorageOptions): Promise<Storage> {
  const { store, asked } = await openStore(components, options)
  return {
    root: options.root,
    driverName: () => rememberedDriver(store.database) ?? asked ?? 'auto',
    lease: async (abort = {}) => (await import('./internal/leases.ts')).makeLease(store, abort),

    findImage: (reference) => findImage(store, reference),
    completeImage: async (name, manifest) => (await import('./internal/complete-image.ts')).completeImage(store, name, manifest),
    listImages: () => listImages(store),
    imageConfig: async (id) => readConfig(store, id),
    imageLayers: async (id) => (await import('./internal/history.ts')).imageLayers(store, id),
    imageHistory: async (id) => (await import('./internal/history.ts')).imageHistory(store, id),
    blobLocations: async (digest) => (await import('./internal/blob-locations.ts')).blobLocations(store, digest),
    document: async (digest) => readDocument(store, digest),
    tagImage: async (id, name, tag = {}) => (await import('./internal/tag-image.ts')).tagImage(store, id, name, tag),
    untagImage: async (id, names, untag = {}) => (await import('./internal/tag-image.ts')).untagImage(store, id, names, untag),
    removeName: async (name, remove = {}) => (await import('./internal/remove-image.ts')).removeName(store, name, remove),
    removeImage: async (id, remove = {}) => (await import('./internal/remove-image.ts')).removeImage(store, id, remove),

    prepareUnpacking: () => store.unpackWorkers.prepare(),
    destination: async (name, intake = {}) => (await import('./internal/destination.ts')).openDestination(store, name, intake),
    source: async (reference) => (await import('./internal/source.ts')).openSource(store, reference),

    createList: async (name, create = {}) => (await import('./internal/lists.ts')).createList(store, name, create),
    findList: async (reference) => (await import('./internal/find-list.ts')).findList(store, reference),
    listLists: async () => (await import('./internal/find-list.ts')).listLists(store),
    addToList: async (name, member, add = {}) => (await import('./internal/lists.ts')).addToList(store, name, member, add),
    annotateList: async (name, member, changes, abort = {}) =>
      (await import('./internal/lists.ts')).annotateList(store, name, member, changes, abort),
    removeFromList: async (name, member, abort = {}) => (await import('./internal/lists.ts')).removeFromList(store, name, member, abort),

    createArtifact: async (name, files, create = {}) =>
      (await import('./internal/create-artifact.ts')).createArtifact(store, name, files, create),
    findArtifact: async (reference) => (await import('./internal/artifact-records.ts')).findArtifact(store, reference),
    listArtifacts: async () => (await import('./internal/artifact-records.ts')).listArtifacts(store),
    linkBlob: async (digest, path) => (await import('./internal/link-blob.ts')).linkBlob(store, digest, path),

    prepareSnapshot: (key, prepare = {}) => prepareSnapshot(store, key, prepare),
    snapshot: (key) => readSnapshot(store, key),
    listSnapshots: () => listSnapshots(store),
    removeSnapshot: (key, abort = {}) => removeSnapshot(store, key, abort),

    commitSnapshot: async (key, commit = {}) => (await import('./internal/commit-snapshot.ts')).commitSnapshot(store, key, commit),
    importTree: async (tar, add = {}) => (await import('./internal/import-tree.ts')).importTree(store, tar, add),
    async *exportTree(tree, abort = {}) {
      yield* (await import('./internal/export-tree.ts')).exportTree(store, tree, abort)
    },
    diffTree: async (tree, diff = {}) => (await import('./internal/diff-tree.ts')).diffTree(store, tree, diff),

    mountImage: async (id, mount) => (await import('./internal/mount-trees.ts')).mountImage(store, id, mount),
    unmountImage: async (id, unmount) => (await import('./internal/mount-trees.ts')).unmountImage(store, id, unmount),
    mountSnapshot: async (key, mount) => (await import('./internal/mount-trees.ts')).mountSnapshot(store, key, mount),
    unmountSnapshot: async (key, unmount) => (await import('./internal/mount-trees.ts')).unmountSnapshot(store, key, unmount),
    openTreeFiles: async (place, abort = {}) => (await import('./tree-files/open-tree-files.ts')).openTreeFiles(store, place, abort),
    listMounts: async (abort = {}) => (await import('./internal/mount-trees.ts')).listMounts(store, abort),

    usage: async (usage = {}) => (await import('./internal/usage.ts')).storageUsage(store, usage),
    snapshotUsage: async (key, abort = {}) => (await import('./internal/usage.ts')).snapshotUsage(store, key, abort),
    pruneImages: async (prune = {}) => (await import('./internal/remove-image.ts')).pruneImages(store, prune),
    collectGarbage: async (garbage = {}) => (await import('./internal/garbage.ts')).collectGarbage(store, garbage),
    check: async (check = {}) => (await import('./internal/check/check.ts')).checkStorage(store, check),
    async [Symbol.asyncDispose]() {
      try {
        await store.unpackWorkers[Symbol.asyncDispose]()
      } finally {
        store.database.close()
      }
    },
  }
}

/** For removals on a full disk: a prune of all of a large storage changes some hundred pages. */
const reserveBytes = 4 * 2 ** 20

/** An open storage, from inside. */
export async function openStore(
  components: StorageComponents,
  options: StorageOptions,
): Promise<{ readonly store: Store; readonly asked: string | undefined }> {
  const { namespace, clock = systemClock, drivers = {} } = components
  const paths = storagePaths(options.root)
  // The database is made last, so its presence says that all is there.
  if (!existsSync(paths.database)) makeDirectories(options.root)
  let database = await openDatabase(paths.database, storageSchema, { signal: options.signal, clock, reserveBytes })
  const additional = await openAdditional(options.additionalStores ?? [])
  const minFreeBytes = options.minFreeBytes ?? defaultMinFreeBytes(options.root)
  let driver: Promise<StorageDriver> | undefined
  const choose = (): Promise<StorageDriver> =>
    chooseDriver({
      database,
      components: { namespace },
      plugins: drivers,
      asked: options.driver,
      minFreeBytes,
      scratch: paths.trash(),
      paths,
      additional,
    })
  const store: Store = {
    paths,
    runRoot: options.runRoot,
    get database() {
      return database
    },
    async reopen() {
      database = await openDatabase(paths.database, storageSchema, { clock, reserveBytes })
    },
    additional,
    clock,
    namespace,
    minFreeBytes,
    unpackConcurrency: options.unpackConcurrency ?? 2,
    unpackWorkers: createUnpackWorkers(namespace),
    driver() {
      driver ??= choose()
      // What was wrong may be mended.
      driver.catch(() => (driver = undefined))
      return driver
    },
  }
  return { store, asked: options.driver }
}

async function openAdditional(roots: readonly string[]): Promise<readonly Shelf[]> {
  return roots.length === 0 ? [] : (await import('./internal/additional-stores.ts')).openAdditionalStores(roots)
}
