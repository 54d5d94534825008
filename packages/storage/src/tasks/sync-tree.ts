import { systemClock } from '@podwright/conventions'
import { syncFileSystemAsync } from '@podwright/linux'
import { closeSync, fstatSync, openSync } from 'node:fs'

/** The syncfs(2) that runs on a file system, and the one that comes after it. */
interface Syncs {
  current: Promise<void>
  next?: Promise<void> | undefined
}

const syncsOf = new Map<number, Syncs>()

/**
 * Has a tree on the disk: one syncfs(2) instead of an fsync per file. Trees that are finished while one runs, which may have begun too early for them, share
 * the next.
 */
export async function syncTree(directory: string): Promise<void> {
  const fd = openSync(directory, 'r')
  try {
    await shared(fstatSync(fd).dev, fd)
  } finally {
    closeSync(fd)
  }
}

/** How long what was written waits before it is on its way, in milliseconds. */
const writeBackMs = 250

/**
 * Has what `work` writes below a directory on its way to the disk while there is more to write: the disk has nothing to do as long as bytes are decompressed, and the
 * `syncTree` that follows has little to wait for.
 *
 * @throws what syncfs(2) says meanwhile: the kernel tells of a write that failed once, and not again to who asks at the end
 */
export async function writingBack<Result>(directory: string, work: () => Promise<Result>): Promise<Result> {
  const end = new AbortController()
  const writeBack = syncUntil(end.signal, directory)
  // Thrown where it is waited for.
  writeBack.catch(() => {})
  try {
    const result = await work()
    end.abort()
    await writeBack
    return result
  } finally {
    end.abort()
  }
}

async function syncUntil(end: AbortSignal, directory: string): Promise<void> {
  try {
    for (;;) {
      await systemClock.sleep(writeBackMs, { signal: end })
      await syncTree(directory)
    }
  } catch (error) {
    if (error !== end.reason) throw error
  }
}

function shared(device: number, fd: number): Promise<void> {
  const syncs = syncsOf.get(device)
  if (syncs === undefined) return begin(device, fd)
  syncs.next ??= syncs.current.then(
    () => begin(device, fd),
    () => begin(device, fd),
  )
  return syncs.next
}

/** Whoever shares it waits for it, so the descriptor stays open. */
function begin(device: number, fd: number): Promise<void> {
  const syncs: Syncs = { current: syncFileSystemAsync(fd) }
  syncsOf.set(device, syncs)
  const forget = (): void => {
    if (syncs.next === undefined) syncsOf.delete(device)
  }
  syncs.current.then(forget, forget)
  return syncs.current
}
