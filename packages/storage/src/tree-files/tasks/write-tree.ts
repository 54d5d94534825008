import { detectCompression, extractFiles, type ExtractFilesOptions } from '@podwright/archive'
import type { IdMap } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError, systemCodeOf } from '@podwright/conventions'
import { createSpecialFiles } from '@podwright/linux'
import { closeSync, readSync, statSync } from 'node:fs'
import { StorageError } from '../../errors.ts'
import { fullOr } from '../../internal/free-space.ts'
import { shiftId } from '../../internal/shift-ids.ts'
import type { TransferResult, WriteTreeArgs } from '../tasks.ts'
import { enteredTree } from './entered-tree.ts'
import { resolvePath } from './resolve-path.ts'
import { skippedOf } from './skipped.ts'

const chunkBytes = 1 << 20

/** The handler of `storage.treeWrite`. Reading waits for the writer, and stops this process: it has nothing else to do. */
export async function writeTree(args: WriteTreeArgs, { signal }: AbortOptions): Promise<TransferResult> {
  const { input } = enteredTree()
  const { directory, owners, existingDirectories, overwrite, skipDevices, idMap } = args
  try {
    const { path, stats } = resolvePath(directory, true)
    if (stats?.isDirectory() !== true) throw new StorageError('ERR_TREE_PATH', `cannot write to ${directory}: it is not a directory`)
    const { skipped } = await extractFiles(chunksOf(input), '/', {
      below: Buffer.from(path.slice(1), 'latin1'),
      special: createSpecialFiles(),
      owners: owners === 'archive' ? 'archive' : 'caller',
      ...(idMap !== null && ownersBy(idMap)),
      existingDirectories,
      conflicts: overwrite ? 'replace' : 'refuse',
      devices: skipDevices ? 'skip' : 'create',
      symlinkedParents: 'follow',
      // What is to stay free concerns the storage, not what is mounted from elsewhere.
      minFreeBytes: Number(stats.dev) === statSync('/').dev ? args.minFreeBytes : 0,
      signal,
    })
    return { skipped: skippedOf(skipped) }
  } catch (error) {
    throw explained(error, directory)
  } finally {
    closeSync(input)
  }
}

/** In a tree whose ids are mapped, its root is not this process. */
function ownersBy({ uids, gids }: IdMap): Pick<ExtractFilesOptions, 'callerOwner' | 'mapOwner'> {
  return {
    callerOwner: [shiftId(0, uids), shiftId(0, gids)],
    mapOwner: (uid, gid) => [shiftId(uid, uids), shiftId(gid, gids)],
  }
}

/** A plain tar's bytes are good until the next are asked for, so that a long one takes one buffer. */
async function* chunksOf(fd: number): AsyncGenerator<Uint8Array, void, undefined> {
  const first = Buffer.allocUnsafeSlow(chunkBytes)
  const length = readSync(fd, first)
  if (length === 0) return
  yield first.subarray(0, length)
  const isPlain = length > 512 && detectCompression(first) === 'none'
  const shared = Buffer.allocUnsafeSlow(chunkBytes)
  for (;;) {
    const buffer = isPlain ? shared : Buffer.allocUnsafeSlow(chunkBytes)
    const read = readSync(fd, buffer)
    if (read === 0) return
    yield buffer.subarray(0, read)
  }
}

function explained(error: unknown, directory: string): unknown {
  const code = systemCodeOf(error instanceof Error && error.cause !== undefined ? error.cause : error)
  if (code === 'EROFS') {
    return new StorageError('ERR_TREE_READ_ONLY', `cannot write to ${directory}: it is read-only there`, { cause: error })
  }
  return isPodwrightError(error, 'ERR_ARCHIVE_CONFLICT') ? error : fullOr(error, `write to ${directory}`)
}
