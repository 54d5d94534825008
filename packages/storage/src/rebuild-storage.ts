import type { CheckOptions, CheckReport } from '@podwright/contracts'
import { existsSync } from 'node:fs'
import { storagePaths } from './internal/paths.ts'
import { openStore } from './open-storage.ts'
import type { StorageComponents, StorageOptions } from './options.ts'

/**
 * For a storage whose database is damaged, so that `openStorage` fails with `ERR_DATABASE_CORRUPT`: makes a new one of the rows that can be read, finds
 * images again by their blobs, then checks and repairs. The damaged file stays as `storage.db.damaged`. No other process may use the storage meanwhile.
 */
export async function rebuildStorage(
  components: StorageComponents,
  options: StorageOptions,
  check: Omit<CheckOptions, 'repair' | 'dryRun'> = {},
): Promise<CheckReport> {
  const { salvageDatabase, recoverImages } = await import('./internal/rebuild-database.ts')
  const { database } = storagePaths(options.root)
  if (existsSync(database)) await salvageDatabase(database, { signal: options.signal })
  const { store } = await openStore(components, options)
  try {
    await recoverImages(store, { signal: check.signal })
    const { checkStorage } = await import('./internal/check/check.ts')
    return await checkStorage(store, { ...check, repair: true })
  } finally {
    store.database.close()
  }
}
