import { diffTrees, diffUpper, packTree, type ReadTreeOptions } from '@podwright/archive'
import type { NamespaceTaskContext } from '@podwright/contracts'
import { createSpecialFiles, waitForIo } from '@podwright/linux'
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { fullOr, requireSpace } from '../internal/free-space.ts'
import { unshiftId } from '../internal/shift-ids.ts'
import { withPrivateTrees } from './private-trees.ts'
import type { PackArgs, PackProgress, PackResult } from './tasks.ts'

/** Progress events, and looks at the free space, are this far apart. */
const strideBytes = 2 ** 20

/** The handler of `storage.pack`. A file is on the disk when it ends. */
export async function pack(args: PackArgs, context: NamespaceTaskContext<PackProgress>): Promise<PackResult> {
  const { source } = args
  const options = { ...readOptions(args), signal: context.signal }
  if (source.kind === 'upper') return write(args, diffUpper(source.upper, options), context)
  if (source.kind === 'tree') {
    return withPrivateTrees([source.tree], context, ([tree = '']) => write(args, packTree(tree, options), context))
  }
  return withPrivateTrees([source.lower, source.upper], context, ([lower = '', upper = '']) =>
    write(args, diffTrees(lower, upper, options), context),
  )
}

function readOptions({ exclude, idMap }: PackArgs): ReadTreeOptions & { readonly special: NonNullable<ReadTreeOptions['special']> } {
  const left = new Set(exclude.map((path) => Buffer.from(path).toString('latin1')))
  return {
    special: createSpecialFiles(),
    ...(left.size > 0 && { filter: (path: Uint8Array) => !left.has(Buffer.from(path).toString('latin1')) }),
    ...(idMap !== null && { mapOwner: (uid: number, gid: number) => [unshiftId(uid, idMap.uids), unshiftId(gid, idMap.gids)] as const }),
  }
}

async function write(
  { path, minFreeBytes }: PackArgs,
  tar: AsyncIterable<Uint8Array>,
  { onProgress }: NamespaceTaskContext<PackProgress>,
): Promise<PackResult> {
  const hash = createHash('sha256')
  // A FIFO whose reader was killed is not waited for.
  await using file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK)
  waitForIo(file.fd)
  const isFile = (await file.stat()).isFile()
  let size = 0
  let told = 0
  try {
    for await (const chunk of tar) {
      hash.update(chunk)
      await writeAll(file, chunk)
      size += chunk.byteLength
      if (size - told < strideBytes) continue
      told = size
      onProgress({ completeBytes: size })
      if (isFile) requireSpace(path, 0, minFreeBytes, 'write the layer')
    }
    if (isFile) await file.sync()
  } catch (error) {
    throw fullOr(error, 'write the layer')
  }
  return { digest: `sha256:${hash.digest('hex')}`, size }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength;) done += (await file.write(chunk, done)).bytesWritten
}
