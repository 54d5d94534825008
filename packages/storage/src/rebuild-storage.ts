import type { SnapshotBase } from '@podwright/contracts'
import type { CheckOptions, CheckReport } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { existsSync } from 'node:fs'
import { storagePaths } from './internal/paths.ts'
import { openStore } from './open-storage.ts'
import type { StorageComponents, StorageOptions } from './options.ts'

/** What others than the storage know of it. */
export interface RebuildOptions {
  /** Images, or directories, by the keys of the snapshots on them. Those whose trees are on the disk are recorded again. @default none */
  readonly snapshots?: ReadonlyMap<string, Digest | SnapshotBase> | undefined
}

/**
 * For a storage whose database is damaged, so that `openStorage` fails with `ERR_DATABASE_CORRUPT`: makes a new one of the rows that can be read, finds
 * images again by their blobs, then checks and repairs. The damaged file stays as `storage.db.damaged`. No other process may use the storage meanwhile.
 */
export async function rebuildStorage(
  components: StorageComponents,
  options: StorageOptions,
  check: Omit<CheckOptions, 'repair' | 'dryRun'> & RebuildOptions = {},
): Promise<CheckReport> {
  const { salvageDatabase, recoverImages, recoverSnapshots } = await import('./internal/rebuild-database.ts')
  const { database } = storagePaths(options.root)
  if (existsSync(database)) await salvageDatabase(database, { signal: options.signal })
  const { store } = await openStore(components, options)
  try {
    await recoverImages(store, { signal: check.signal })
    // Before the check: a tree without a row is garbage to it.
    await recoverSnapshots(store, check.snapshots ?? new Map())
    const { checkStorage } = await import('./internal/check/check.ts')
    return await checkStorage(store, { ...check, repair: true })
  } finally {
    store.database.close()
  }
}
