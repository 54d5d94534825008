import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import { createSpecialFiles, lockFile, openInRoot, syncFileSystem } from '@podwright/linux'
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { withPrivateTrees } from '../../tasks/private-trees.ts'
import { removeTree } from '../../tasks/remove.ts'
import { childPath } from '../../tasks/tree.ts'
import type { CopyUpArgs, CopyUpResult } from '../tasks.ts'
import { copyTree } from './copy-tree.ts'

/**
 * The handler of `storage.volumeCopyUp`. Content is copied beside the volume's, then put in its place file by file: when it is killed while it copies,
 * nothing has happened; afterwards, the next one goes on.
 *
 * One at a time: the worker of a client that was killed may be at work yet, or about to begin, and neither may take what the other is at.
 */
export async function copyUp(args: CopyUpArgs, { signal }: AbortOptions): Promise<CopyUpResult> {
  const { staging } = args
  if (staging === null) return copyInto(args, { signal })
  const lock = await lockFile(`${staging.complete}.lock`, { signal })
  try {
    // Killed while it waited, its client is known to be gone only after a turn of the loop.
    await setImmediate()
    signal?.throwIfAborted()
    return await copyInto(args, { signal })
  } finally {
    // Whoever waits for it notices that the file is another one now.
    rmSync(lock.path, { force: true })
    lock.release()
  }
}

async function copyInto(args: CopyUpArgs, { signal }: AbortOptions): Promise<CopyUpResult> {
  const { staging, target } = args
  if (staging !== null && existsSync(staging.complete)) return place(staging.complete, target)
  if (readdirSync(target, { encoding: 'buffer' }).length > 0) return 'not-empty'
  return withPrivateTrees([args.tree], { signal }, ([root = '/']) => copyFrom(root, args, { signal }))
}

async function copyFrom(
  root: string,
  { path, staging, target, minFreeBytes, durable }: CopyUpArgs,
  { signal }: AbortOptions,
): Promise<CopyUpResult> {
  const source = openDirectory(root, path)
  if (source === undefined) return 'absent'
  try {
    const from = `/proc/self/fd/${source}/.`
    if (staging === null) {
      await copyTree({ source: from, target, minFreeBytes }, { signal })
      return 'copied'
    }
    const { part } = staging
    // Of one that was killed.
    await removeTree(part)
    try {
      mkdirSync(part, { mode: 0o700 })
      await copyTree({ source: from, target: part, minFreeBytes }, { signal })
      createSpecialFiles().setTimes(Buffer.from(part), lstatSync(from, { bigint: true }).mtimeNs)
      if (durable) syncTree(part)
      signal?.throwIfAborted()
      renameSync(part, staging.complete)
    } catch (error) {
      // Nobody would look for it once another client has filled the volume.
      await removeTree(part).catch(() => {})
      throw error
    }
    return place(staging.complete, target)
  } finally {
    closeSync(source)
  }
}

/** A link on the way leads to a place in the tree; what is no directory has nothing to copy. */
function openDirectory(root: string, path: string): number | undefined {
  try {
    return openInRoot(root, path, { flags: constants.O_RDONLY | constants.O_DIRECTORY })
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCodeOf(error) ?? '')) return undefined
    throw error
  }
}

/** What is there stays. */
function place(complete: string, target: string): CopyUpResult {
  const [from, to] = [Buffer.from(complete), Buffer.from(target)]
  // Before its time changes with what is taken out of it.
  const { uid, gid, mode, mtimeNs } = lstatSync(complete, { bigint: true })
  for (const name of readdirSync(from, { encoding: 'buffer' })) {
    if (lstatSync(childPath(to, name), { throwIfNoEntry: false }) === undefined) renameSync(childPath(from, name), childPath(to, name))
  }
  chownSync(target, Number(uid), Number(gid))
  chmodSync(target, Number(mode) & 0o7777)
  createSpecialFiles().setTimes(to, mtimeNs)
  rmSync(complete, { recursive: true })
  return 'copied'
}

function syncTree(directory: string): void {
  const fd = openSync(directory, 'r')
  try {
    syncFileSystem(fd)
  } finally {
    closeSync(fd)
  }
}
