import type { AbortOptions } from '@podwright/conventions'
import type { Lease } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import { lockFile, tryLockFile } from '@podwright/linux'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { directories, uniqueName } from './paths.ts'
import { readOnlyOr } from './read-only.ts'
import { change, rows, type Store, text } from './store.ts'

/** What a lease can hold. */
export type LeaseItem = readonly [kind: 'blob' | 'layer', digest: Digest]

/**
 * Makes a lease: a file whose lock the kernel releases with this process, then a row.
 *
 * @throws `ERR_STORAGE_READ_ONLY`
 */
export async function makeLease(store: Store, options: AbortOptions = {}): Promise<Lease> {
  const id = uniqueName()
  const path = store.paths.lease(id)
  const lock = await lockFile(path, { ...options, clock: store.clock }).catch((error: unknown) => {
    throw readOnlyOr(error, store.paths.root)
  })
  const give = async (): Promise<void> => {
    await store.database.transaction(() => change(store.database, 'DELETE FROM leases WHERE id = ?', id), { makesRoom: true })
    rmSync(path, { force: true })
  }
  try {
    await store.database.transaction(() => change(store.database, 'INSERT INTO leases VALUES (?, ?)', id, store.clock.now()), options)
  } catch (error) {
    rmSync(path, { force: true })
    lock.release()
    throw error
  }
  let held = true
  return {
    id,
    async [Symbol.asyncDispose]() {
      if (!held) return
      held = false
      // The row goes before the lock: a row without a lock would be taken for a dead process's. Where it can't go, on a full disk for one, it is just that, and the
      // next sweep takes it; a failure here would hide the reason of the work that had the lease.
      await give().catch(() => {})
      lock.release()
    },
  }
}

/** Keeps things from being collected. They need not be there: look after this whether they are. */
export async function holdItems(store: Store, lease: Lease, items: Iterable<LeaseItem>, options: AbortOptions = {}): Promise<void> {
  await store.database.transaction(() => {
    for (const [kind, digest] of items) {
      change(store.database, 'INSERT OR IGNORE INTO lease_items VALUES (?, ?, ?)', lease.id, kind, digest)
    }
  }, options)
}

/** Takes the leases of dead processes away; afterwards every row in `leases` may be held. */
export async function reapLeases(store: Store, options: AbortOptions = {}): Promise<void> {
  const recorded = rows(store.database, 'SELECT id FROM leases').map(({ id }) => text(id))
  const onDisk = readdirSync(join(store.paths.root, directories.leases))
  for (const id of new Set([...recorded, ...onDisk])) {
    const path = store.paths.lease(id)
    // A lease that is just being made has a file, not yet locked: its maker notices when the file is gone, and makes it anew.
    const lock = tryLockFile(path)
    if (lock === undefined) continue
    try {
      await store.database.transaction(() => change(store.database, 'DELETE FROM leases WHERE id = ?', id), { ...options, makesRoom: true })
      rmSync(path, { force: true })
    } finally {
      lock.release()
    }
  }
}
