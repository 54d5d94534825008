import { packTree, type SkippedItem } from '@podwright/archive'
import type { AbortOptions } from '@podwright/conventions'
import { createSpecialFiles } from '@podwright/linux'
import { closeSync, writeSync } from 'node:fs'
import { StorageError } from '../../errors.ts'
import { unshiftId } from '../../internal/shift-ids.ts'
import type { ReadTreeArgs, TransferResult } from '../tasks.ts'
import { enteredTree } from './entered-tree.ts'
import { resolvePath } from './resolve-path.ts'
import { skippedOf } from './skipped.ts'

/** Bytes between two looks at what the caller has to say. */
const turnBytes = 16 << 20

/** The handler of `storage.treeRead`. Writing waits for the reader, and stops this process: it has nothing else to do. */
export async function readTree({ path, followLink, name, xattrs, idMap }: ReadTreeArgs, { signal }: AbortOptions): Promise<TransferResult> {
  const { output, kernelDirectories } = enteredTree()
  try {
    const { path: found, stats } = resolvePath(path, followLink)
    if (stats === undefined) throw new StorageError('ERR_TREE_PATH', `cannot read ${path}: there is no such file or directory`)
    const skipped: SkippedItem[] = []
    const base = found === '/' ? '' : found
    const tar = packTree(Buffer.from(found, 'latin1'), {
      name,
      ...(xattrs && { special: createSpecialFiles() }),
      ...(idMap !== null && { mapOwner: (uid: number, gid: number) => [unshiftId(uid, idMap.uids), unshiftId(gid, idMap.gids)] as const }),
      filter: (item) => !kernelDirectories.has(parentOf(`${base}/${Buffer.from(item).toString('latin1')}`)),
      changing: 'take',
      transient: true,
      onSkipped: (item) => skipped.push(item),
      signal,
    })
    let turn = 0
    for await (const chunk of tar) {
      for (let done = 0; done < chunk.length;) done += writeSync(output, chunk, done)
      turn += chunk.length
      if (turn < turnBytes) continue
      turn = 0
      await new Promise(setImmediate)
    }
    return { skipped: skippedOf(skipped) }
  } finally {
    closeSync(output)
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
