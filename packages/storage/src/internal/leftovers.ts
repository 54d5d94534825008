import type { AbortOptions } from '@podwright/conventions'
import type { GarbageItem } from '@podwright/contracts'
import { tryLockFile } from '@podwright/linux'
import { lstatSync, rmSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { isMappedOfNone, mappedLock } from './mapped-places.ts'
import { changedMs, type IsOld, list } from './on-disk.ts'
import { directories, isAdditionalLink } from './paths.ts'
import { row, type Store } from './store.ts'
import { isKnownLink } from './sweep.ts'
import { deleteTrees, moveToTrash } from './trash.ts'

/** What work that was killed has left: partial blobs, half unpacked layers, links and directories that no row knows. */
export async function sweepLeftovers(store: Store, isOld: IsOld, options: AbortOptions): Promise<GarbageItem[]> {
  const partial = old(store, directories.ingest, isOld).map((path) => removeUnlocked(store, path))
  for (const path of unknownLinks(store, isOld)) await removeUnknownLink(store, path, options)
  const candidates = oldTrees(store, isOld)
  const taken: GarbageItem[] = []
  const trashed = await store.database.transaction(
    () =>
      candidates
        .filter((item) => !isNeeded(store, item))
        .map((item) => {
          const moved = moveToTrash(store, join(store.paths.root, item.name))
          if (moved !== undefined) taken.push(item)
          return moved
        }),
    options,
  )
  await deleteTrees(
    store.namespace,
    trashed.filter((path) => path !== undefined),
    options,
  )
  return [...partial.filter((item) => item !== undefined), ...taken]
}

/** What `sweepLeftovers` would take. */
export function findLeftovers(store: Store, isOld: IsOld): GarbageItem[] {
  const partial = old(store, directories.ingest, isOld).flatMap((path) => {
    const lock = tryLockFile(path)
    if (lock === undefined) return []
    lock.release()
    return [partialItem(store, path)]
  })
  return [...partial, ...oldTrees(store, isOld)]
}

/** Half unpacked layers that nobody is at, and directories of snapshots without a row. */
function oldTrees(store: Store, isOld: IsOld): GarbageItem[] {
  const stagings = old(store, directories.layers, isOld).filter((path) => basename(path).includes('.') && isUnlocked(store, path))
  const snapshots = old(store, directories.snapshots, isOld).filter((path) => !isSnapshot(store, path))
  const mapped = old(store, directories.mapped, isOld).filter((path) =>
    basename(path).includes('.') ? isLockFree(mappedLock(store, path)) : isMappedOfNone(store, path),
  )
  return [
    ...mapped.map((path): GarbageItem => ({ kind: 'layer', name: below(store, path), sizeBytes: 0 })),
    ...stagings.map((path): GarbageItem => ({ kind: 'staging', name: below(store, path), sizeBytes: 0 })),
    ...snapshots.map((path): GarbageItem => ({ kind: 'snapshot', name: below(store, path), sizeBytes: 0 })),
  ]
}

function old(store: Store, directory: string, isOld: IsOld): string[] {
  return list(store, directory).filter((path) => isOld(changedMs(path)))
}

function below(store: Store, path: string): string {
  return relative(store.paths.root, path)
}

function partialItem(store: Store, path: string): GarbageItem {
  return { kind: 'partial', name: below(store, path), sizeBytes: lstatSync(path, { throwIfNoEntry: false })?.size ?? 0 }
}

/** A partial blob, or the lock of an unpacking. Whoever waits for the lock notices that the file is gone. */
function removeUnlocked(store: Store, path: string): GarbageItem | undefined {
  const lock = tryLockFile(path)
  if (lock === undefined) return undefined
  try {
    const item = partialItem(store, path)
    rmSync(path, { force: true })
    return item
  } finally {
    lock.release()
  }
}

/** Whether nobody is unpacking into a staging directory, `HEX.UNIQUE`. */
function isUnlocked(store: Store, staging: string): boolean {
  return isLockFree(store.paths.layerLock(`sha256:${basename(staging).split('.', 1)[0]}`))
}

function isLockFree(path: string): boolean {
  const lock = tryLockFile(path)
  if (lock === undefined) return false
  rmSync(path, { force: true })
  lock.release()
  return true
}

function unknownLinks(store: Store, isOld: IsOld): string[] {
  return old(store, directories.links, isOld).filter((path) => !isAdditionalLink(basename(path)) && !isKnownLink(store, basename(path)))
}

async function removeUnknownLink(store: Store, path: string, options: AbortOptions): Promise<void> {
  await store.database.transaction(() => {
    if (!isKnownLink(store, basename(path))) rmSync(path, { force: true })
  }, options)
}

/** Inside the transaction that takes it: whether it has become something since it was found. */
function isNeeded(store: Store, { kind, name }: GarbageItem): boolean {
  if (kind === 'snapshot') return isSnapshot(store, name)
  return kind === 'layer' && !basename(name).includes('.') && !isMappedOfNone(store, name)
}

function isSnapshot(store: Store, path: string): boolean {
  return row(store.database, 'SELECT 1 FROM snapshots WHERE key = ?', basename(path)) !== undefined
}
