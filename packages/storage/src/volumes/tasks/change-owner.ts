import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import { closeSync, constants, fchownSync, fstatSync, lchownSync, lstatSync, openSync, readdirSync } from 'node:fs'
import { childPath } from '../../tasks/tree.ts'
import type { ChangeOwnerArgs } from '../tasks.ts'

/** Files between two looks at the signal. */
const stride = 256
const openDirectoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/**
 * The handler of `storage.volumeOwner`: everything of a tree, on its file system, or a single file, is given to an owner. Each step is taken from an open directory: a container
 * that is at work there can't put a link in the way.
 */
export async function changeOwner({ path, uid, gid }: ChangeOwnerArgs, { signal }: AbortOptions): Promise<null> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false) unlessGone(() => lchownSync(path, uid, gid))
  let count = 0
  for (const _ of ownTree(Buffer.from(path), { uid, gid }, undefined)) {
    count += 1
    if (count % stride !== 0) continue
    await new Promise(setImmediate)
    signal?.throwIfAborted()
  }
  return null
}

function* ownTree(path: Buffer, owner: Omit<ChangeOwnerArgs, 'path'>, device: number | undefined): Generator<void> {
  const fd = openUnlessGone(path)
  if (fd === undefined) return
  try {
    const { dev } = fstatSync(fd)
    if (device !== undefined && dev !== device) return
    const here = Buffer.from(`/proc/self/fd/${fd}`)
    for (const entry of readdirSync(Buffer.concat([here, Buffer.from('/.')]), { withFileTypes: true, encoding: 'buffer' })) {
      const child = childPath(here, entry.name)
      if (entry.isDirectory()) yield* ownTree(child, owner, dev)
      else {
        unlessGone(() => lchownSync(child, owner.uid, owner.gid))
        yield
      }
    }
    fchownSync(fd, owner.uid, owner.gid)
    yield
  } finally {
    closeSync(fd)
  }
}

/** What became a link, or went, since it was listed is nothing to go into. */
function openUnlessGone(path: Buffer): number | undefined {
  return unlessGone(() => openSync(path, openDirectoryFlags))
}

function unlessGone<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCodeOf(error) ?? '')) return undefined
    throw error
  }
}
