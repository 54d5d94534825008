import type { DirectoryAttributes, IdMapping, SnapshotBase, SnapshotPlan, SnapshotView, StorageDriver } from '@podwright/contracts'
import { realpathSync, statSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { StorageError } from '../errors.ts'
import { optionalText, type Row, type Store } from './store.ts'

/** What a driver is told of a snapshot, unless it is a directory that is not the storage's: no driver has to do with that. */
export interface StoredPlan extends SnapshotPlan {
  readonly base: SnapshotBase | undefined
}

/** How a snapshot's tree comes about. */
export function viewOf(driver: StorageDriver, plan: StoredPlan): SnapshotView {
  const { base } = plan
  return base === undefined || base.overlay ? driver.view(plan) : { rootfs: base.directory, mounts: [], layers: [base.directory] }
}

/** Has a driver make what is to be mounted, and a way to the directory without characters that a mount option can't have. */
export async function prepareTree(
  driver: StorageDriver,
  plan: StoredPlan,
  options: { readonly signal: AbortSignal | undefined },
): Promise<void> {
  if (plan.base?.overlay === true) refuseAround(plan.base.directory, plan.workingDirectory)
  if (plan.base !== undefined) symlinkSync(plan.base.directory, linkOf(plan.directory))
  if (plan.base === undefined || plan.base.overlay) await driver.prepare(plan, options)
}

/** A copy of it would be in itself, and overlayfs takes no directory for both. */
function refuseAround(directory: string, root: string): void {
  const way = relative(realpathSync(directory), realpathSync(root))
  if (way.split('/')[0] === '..') return
  throw new StorageError('ERR_SNAPSHOT_BASE', `cannot lay anything over ${directory}: the storage itself is in it, at ${root}`, {
    hint: 'Take another directory, or use it as it is.',
    details: { directory },
  })
}

/** The plan of a snapshot on a directory. */
export function planOnBase(store: Store, columns: Row, directory: string): StoredPlan | undefined {
  const base = baseOf(columns)
  if (base === undefined) return undefined
  const { mode, uid, gid } = attributesOf(base.directory)
  return {
    directory,
    layers: [{ path: base.directory, shortPath: relative(store.paths.root, linkOf(directory)) }],
    root: { mode: mode & 0o7777, uid: inside(uid, store.namespace.idMap()?.uids), gid: inside(gid, store.namespace.idMap()?.gids) },
    readOnly: columns['read_only'] === 1,
    idMap: undefined,
    workingDirectory: store.paths.root,
    base,
  }
}

/** Of a row of `snapshots`. */
export function baseOf(columns: Row): SnapshotBase | undefined {
  const found = optionalText(columns['base'])
  return found === undefined ? undefined : (JSON.parse(found) as SnapshotBase)
}

/** It may be gone, or be closed to us, and what is on it is to be removed all the same. */
function attributesOf(directory: string): DirectoryAttributes {
  try {
    return statSync(directory)
  } catch {
    return { mode: 0o755, uid: 0, gid: 0 }
  }
}

/** An owner as the namespace sees it; one that it does not know is its root. */
function inside(id: number, mappings: readonly IdMapping[] = []): number {
  const found = mappings.find(({ hostId, size }) => id >= hostId && id < hostId + size)
  if (found !== undefined) return found.containerId + id - found.hostId
  return mappings.length === 0 ? id : 0
}

function linkOf(directory: string): string {
  return join(directory, 'base')
}
