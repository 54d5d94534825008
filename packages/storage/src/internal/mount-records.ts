import type { AbortOptions } from '@podwright/conventions'
import type { GarbageItem, TreeMount } from '@podwright/contracts'
import { bootId } from '@podwright/linux'
import type { Digest } from '@podwright/oci'
import { removeSnapshotByKey } from './snapshots.ts'
import { change, optionalText, type Row, row, rows, type Store, text } from './store.ts'

/** A row of `mounts`, with its holders of this run of the kernel. */
export interface MountRecord {
  /** Key of the snapshot. */
  readonly id: string
  readonly image: Digest | undefined
  readonly readOnly: boolean
  /** Whether the snapshot goes with the mount. */
  readonly ownSnapshot: boolean
  readonly owners: readonly string[]
}

/** Inside a transaction: notes that `owner` holds the mount, which is noted too. */
export function holdMount(store: Store, record: Omit<MountRecord, 'owners'>, owner: string): void {
  change(
    store.database,
    'INSERT OR IGNORE INTO mounts VALUES (?, ?, ?, ?)',
    record.id,
    record.image ?? null,
    record.readOnly ? 1 : 0,
    record.ownSnapshot ? 1 : 0,
  )
  // A reboot has ended what those of before held.
  change(store.database, 'DELETE FROM mount_holders WHERE mount = ? AND boot_id <> ?', record.id, bootId())
  change(store.database, 'INSERT OR IGNORE INTO mount_holders VALUES (?, ?, ?)', record.id, owner, bootId())
}

/** Inside a transaction: whether `owner` (anybody, when undefined) held it. */
export function letGo(store: Store, id: string, owner: string | undefined): boolean {
  const { database } = store
  if (owner === undefined) return change(database, 'DELETE FROM mount_holders WHERE mount = ?', id) > 0
  return change(database, 'DELETE FROM mount_holders WHERE mount = ? AND owner = ? AND boot_id = ?', id, owner, bootId()) > 0
}

export function readMountRecord(store: Store, id: string): MountRecord | undefined {
  const columns = row(store.database, 'SELECT * FROM mounts WHERE id = ?', id)
  return columns === undefined ? undefined : mountRecord(store, columns)
}

export function listMountRecords(store: Store): MountRecord[] {
  return rows(store.database, 'SELECT * FROM mounts ORDER BY id').map((columns) => mountRecord(store, columns))
}

function mountRecord(store: Store, columns: Row): MountRecord {
  const id = text(columns['id'])
  const holders = rows(store.database, 'SELECT owner FROM mount_holders WHERE mount = ? AND boot_id = ? ORDER BY owner', id, bootId())
  return {
    id,
    image: optionalText(columns['image']) as Digest | undefined,
    readOnly: columns['read_only'] === 1,
    ownSnapshot: columns['own_snapshot'] === 1,
    owners: holders.map(({ owner }) => text(owner)),
  }
}

export function treeMount({ id, image, readOnly, ownSnapshot, owners }: MountRecord, path: string): TreeMount {
  return { image, snapshot: ownSnapshot ? undefined : id, path, readOnly, owners }
}

/** Mounts that nobody of this run of the kernel holds. */
function unheld(store: Store): MountRecord[] {
  return listMountRecords(store).filter(({ owners }) => owners.length === 0)
}

/** What `releaseDeadMounts` would take away. */
export function deadMounts(store: Store): GarbageItem[] {
  return unheld(store)
    .filter(({ ownSnapshot }) => ownSnapshot)
    .map(({ id }) => ({ kind: 'snapshot', name: id, sizeBytes: 0 }))
}

/** Takes away the mounts that nobody holds any more: since a reboot, or since whoever let go was killed before the rest. */
export async function releaseDeadMounts(store: Store, options: AbortOptions): Promise<void> {
  const dead = unheld(store)
  if (dead.length === 0) return
  const { unmountSnapshotTree } = await import('./mount-trees.ts')
  for (const record of dead) await unmountSnapshotTree(store, record, options)
}

/** After the unmount: the rows go, and the snapshot if it was made for the mount; unless somebody came to hold it meanwhile. */
export async function forgetMount(store: Store, { id, ownSnapshot }: MountRecord, options: AbortOptions): Promise<void> {
  if (ownSnapshot) return removeSnapshotByKey(store, id, options)
  await store.database.transaction(() => change(store.database, 'DELETE FROM mounts WHERE id = ?', id), {
    ...options,
    makesRoom: true,
  })
}
