import type { AbortOptions } from '@podwright/conventions'
import type { IdMap, MountTreeOptions, Snapshot, TreeMount, UnmountTreeOptions } from '@podwright/contracts'
import { lockFile } from '@podwright/linux'
import { type Digest, digestHex, digestOf } from '@podwright/oci'
import { rmSync } from 'node:fs'
import { StorageError } from '../errors.ts'
import { mountedTask, mountTask, unmountTask } from '../tasks/tasks.ts'
import { imageNotFound, readAnyImage } from './images.ts'
import { forgetMount, holdMount, letGo, listMountRecords, type MountRecord, readMountRecord, treeMount } from './mount-records.ts'
import { runTask } from './run-task.ts'
import { mountKeyPrefix, prepareAnySnapshot, readSnapshot, snapshotNotFound } from './snapshots.ts'
import type { Store } from './store.ts'

/** Mounts an image: one read-only tree for all of a map of ids, or a writable one for each owner. */
export async function mountImage(store: Store, id: Digest, options: MountTreeOptions): Promise<TreeMount> {
  const { owner, readOnly = true, idMap, signal } = options
  if (readAnyImage(store, id) === undefined) throw imageNotFound(id)
  const record = { id: imageMountKey(id, idMap, readOnly ? undefined : owner), image: id, readOnly, ownSnapshot: true }
  const prepare = (): Promise<Snapshot> => prepareAnySnapshot(store, record.id, { image: id, readOnly, idMap, signal })
  return mountHeld(store, record, owner, prepare, options)
}

/** Mounts the tree of a snapshot that is there. */
export async function mountSnapshot(store: Store, key: string, options: Omit<MountTreeOptions, 'readOnly' | 'idMap'>): Promise<TreeMount> {
  const refuse = (): Promise<Snapshot> => Promise.reject(snapshotNotFound(key))
  if (key.startsWith(mountKeyPrefix)) return mountHeld(store, noRecord(key), options.owner, refuse, options)
  return mountHeld(store, { ...noRecord(key), image: undefined }, options.owner, refuse, options)
}

function noRecord(id: string): Omit<MountRecord, 'owners'> {
  return { id, image: undefined, readOnly: false, ownSnapshot: false }
}

/** The holder is noted first: whoever is killed after that leaves a mount that is known. */
async function mountHeld(
  store: Store,
  record: Omit<MountRecord, 'owners'>,
  owner: string,
  prepare: () => Promise<Snapshot>,
  options: AbortOptions,
): Promise<TreeMount> {
  return locked(store, record.id, options, async () => {
    await store.database.transaction(() => holdMount(store, record, owner), { ...options, durable: true })
    try {
      const snapshot = (await readSnapshot(store, record.id)) ?? (await prepare())
      await runTask(store, mountTask, { mounts: snapshot.mounts }, options)
      return treeMount(readMountRecord(store, record.id) ?? { ...record, owners: [owner] }, snapshot.rootfs)
    } catch (error) {
      await release(store, record.id, owner, {}).catch(() => undefined)
      throw error
    }
  })
}

export async function unmountImage(store: Store, id: Digest, options: UnmountTreeOptions): Promise<boolean> {
  const { owner } = checkedUnmount(options)
  const all = listMountRecords(store).filter(({ image, ownSnapshot }) => ownSnapshot && image === id)
  const held = all.filter(({ owners }) => owner === undefined || owners.includes(owner))
  if (held.length === 0) throw mountNotFound(`the image ${id}`, owner)
  const gone: boolean[] = []
  for (const record of held) gone.push(await locked(store, record.id, options, () => release(store, record.id, owner, options)))
  return gone.every(Boolean) && held.length === all.length
}

export async function unmountSnapshot(store: Store, key: string, options: UnmountTreeOptions): Promise<boolean> {
  const { owner } = checkedUnmount(options)
  const record = readMountRecord(store, key)
  if (record === undefined || (owner !== undefined && !record.owners.includes(owner))) throw mountNotFound(`the snapshot ${key}`, owner)
  return locked(store, key, options, () => release(store, key, owner, options))
}

/** Under the lock: lets go, and unmounts when nobody is left. */
async function release(store: Store, id: string, owner: string | undefined, options: AbortOptions): Promise<boolean> {
  await store.database.transaction(() => letGo(store, id, owner), { ...options, durable: true, makesRoom: true })
  const left = readMountRecord(store, id)
  if (left === undefined) return true
  if (left.owners.length > 0) return false
  await takeDown(store, left, options)
  return true
}

/** Takes down a mount that nobody holds. */
export async function unmountSnapshotTree(store: Store, { id }: MountRecord, options: AbortOptions): Promise<void> {
  await locked(store, id, options, async () => {
    const record = readMountRecord(store, id)
    if (record !== undefined && record.owners.length === 0) await takeDown(store, record, options)
  })
}

async function takeDown(store: Store, record: MountRecord, options: AbortOptions): Promise<void> {
  const snapshot = await readSnapshot(store, record.id).catch(() => undefined)
  const targets = snapshot?.mounts.map(({ target }) => target).toReversed() ?? []
  if (targets.length > 0) await runTask(store, unmountTask, { targets }, options)
  await forgetMount(store, record, options)
}

/** What is recorded and really there: a reboot, or the end of the engine's namespaces, has ended what isn't. */
export async function listMounts(store: Store, options: AbortOptions): Promise<TreeMount[]> {
  const records = listMountRecords(store).filter(({ owners }) => owners.length > 0)
  if (records.length === 0) return []
  const all = await Promise.all(records.map(async (record) => ({ record, snapshot: await readSnapshot(store, record.id) })))
  const targets = all.flatMap(({ snapshot }) => snapshot?.mounts.map(({ target }) => target) ?? [])
  const mounted = new Set(targets.length === 0 ? [] : (await runTask(store, mountedTask, { targets }, options)).mounted)
  return all
    .flatMap(({ record, snapshot }) => {
      const isThere = snapshot?.mounts.every(({ target }) => mounted.has(target)) === true
      return isThere ? [treeMount(record, snapshot.rootfs)] : []
    })
    .toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

/** One tree for all who only read under a map of ids; another one for each who writes. */
function imageMountKey(id: Digest, idMap: IdMap | undefined, owner: string | undefined): string {
  const image = `${mountKeyPrefix}${digestHex(id).slice(0, 32)}`
  const mapped = idMap === undefined ? image : `${image}.ids-${shortHash(JSON.stringify([idMap.uids, idMap.gids].map(triples)))}`
  return owner === undefined ? mapped : `${mapped}.${shortHash(owner)}`
}

function triples(side: IdMap['uids']): (readonly number[])[] {
  return side.map(({ containerId, hostId, size }) => [containerId, hostId, size])
}

function shortHash(content: string): string {
  return digestHex(digestOf(Buffer.from(content))).slice(0, 16)
}

async function locked<Result>(store: Store, id: string, { signal }: AbortOptions, work: () => Promise<Result>): Promise<Result> {
  const path = store.paths.mountLock(id)
  const lock = await lockFile(path, { signal, clock: store.clock })
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
    lock.release()
  }
}

function checkedUnmount({ owner, force = false }: UnmountTreeOptions): { readonly owner: string | undefined } {
  if ((owner === undefined) === force) return { owner }
  throw new StorageError(
    'ERR_MOUNT_OWNER',
    `cannot unmount: ${force ? 'an owner is named, and yet all are to let go' : 'nobody is named who lets go'}`,
    {
      hint: 'Give either `owner` or `force`.',
    },
  )
}

function mountNotFound(what: string, owner: string | undefined): StorageError {
  return new StorageError(
    'ERR_MOUNT_NOT_FOUND',
    `cannot unmount ${what}: ${owner ?? 'nobody'} ${owner === undefined ? 'has' : 'does not have'} it mounted`,
  )
}
