import { type AbortOptions, systemCodeOf } from '@podwright/conventions'
import { type BigIntStats, chmodSync, lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { childPath } from './tree.ts'

/** Files between two looks at the signal; the thread is given back there. */
const stride = 256
const ownerAll = 0o700

/** The handler of `storage.remove`. */
export async function remove({ paths }: { readonly paths: readonly string[] }, options: AbortOptions): Promise<null> {
  for (const path of paths) await removeTree(path, options)
  return null
}

/**
 * Deletes a tree, whatever the bytes of its names. Not there is no error. Stays on its file system: a directory that something is mounted on
 * ends it with EBUSY.
 *
 * @throws an error as `node:fs` throws it: EACCES or EPERM for what only the namespace's root may delete.
 */
export async function removeTree(path: string | Buffer, options: AbortOptions = {}): Promise<void> {
  const root = lstatSync(path, { throwIfNoEntry: false, bigint: true })
  if (root === undefined) return
  let count = 0
  for (const _ of removals(typeof path === 'string' ? Buffer.from(path) : path, root.dev)) {
    count += 1
    if (count % stride !== 0) continue
    await new Promise(setImmediate)
    options.signal?.throwIfAborted()
  }
}

/** Deletes depth first; yields after each file. Somebody else may be deleting the same tree: what is gone meanwhile is gone. */
function* removals(path: Buffer, device: bigint): Generator<void> {
  const stats: BigIntStats | undefined = lstatSync(path, { throwIfNoEntry: false, bigint: true })
  if (stats === undefined) return
  if (!stats.isDirectory()) {
    unlessGone(() => unlinkSync(path))
    return yield
  }
  if (stats.dev !== device) throw Object.assign(new Error(`EBUSY: something is mounted on ${path.toString()}`), { code: 'EBUSY' })
  // overlayfs leaves its work directory closed, and containers make closed ones too; for their owner that is no hindrance.
  if ((Number(stats.mode) & ownerAll) !== ownerAll) unlessGone(() => chmodSync(path, ownerAll))
  for (const entry of unlessGone(() => readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) ?? []) {
    const child = childPath(path, entry.name)
    if (entry.isDirectory()) {
      yield* removals(child, device)
    } else {
      unlessGone(() => unlinkSync(child))
      yield
    }
  }
  unlessGone(() => rmdirSync(path))
  yield
}

function unlessGone<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
