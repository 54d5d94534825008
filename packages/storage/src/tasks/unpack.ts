import { type ExtractResult, extractLayer } from '@podwright/archive'
import type { DirectoryAttributes, NamespaceTaskContext } from '@podwright/contracts'
import { createSpecialFiles } from '@podwright/linux'
import { chmodSync, createReadStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { StorageError } from '../errors.ts'
import { fullOr } from '../internal/free-space.ts'
import { finishLayer } from './finish-layer.ts'
import { readGrowing } from './read-growing.ts'
import { writingBack } from './sync-tree.ts'
import type { LayerRecord, UnpackArgs, UnpackProgress, UnpackResult } from './tasks.ts'

/** Progress events are this far apart, in compressed bytes. */
const progressBytes = 2 ** 20

/** The handler of `storage.unpack`. */
export async function unpack(args: UnpackArgs, context: NamespaceTaskContext<UnpackProgress>): Promise<UnpackResult> {
  const tree = join(args.directory, 'diff')
  mkdirSync(tree, { mode: 0o755 })
  chmodSync(tree, 0o755)
  const extracted = await orFull(args, () => writingBack(args.directory, () => extract(args, tree, context)))
  if (extracted.diffId !== args.layer.diffId) throw wrongDiffId(args, extracted)
  context.onProgress({ extracted: true })
  const layer: LayerRecord = { ...args.layer, sizeBytes: extracted.sizeBytes, root: rootOf(extracted), opaque: extracted.rootOpaque }
  await orFull(args, () => finishLayer(args.directory, layer))
  return { layer, impliedDirectories: extracted.impliedDirectories }
}

async function extract(
  args: UnpackArgs,
  tree: string,
  { signal, onProgress }: NamespaceTaskContext<UnpackProgress>,
): Promise<ExtractResult> {
  const blob =
    args.growing === undefined
      ? createReadStream(args.blobPath, { highWaterMark: 2 ** 18 })
      : Readable.from(readGrowing(args.growing, args.blobPath, signal), { highWaterMark: 1 })
  try {
    return await extractLayer(counted(blob, onProgress), tree, {
      signal,
      compression: 'auto',
      special: createSpecialFiles(),
      whiteouts: args.whiteouts,
      overlayXattrs: args.overlayXattrs,
      owners: 'archive',
      devices: args.skipDevices ? 'skip' : 'create',
      // As docker and podman do; what a link leads to is looked up with the tree as root.
      symlinkedParents: 'follow',
      minFreeBytes: args.minFreeBytes,
      lowerDirectories: args.lowerDirectories ?? [],
    })
  } finally {
    await close(blob)
  }
}

async function* counted(blob: Readable, onProgress: (event: UnpackProgress) => void): AsyncGenerator<Uint8Array> {
  let completeBytes = 0
  let told = 0
  for await (const chunk of blob) {
    yield chunk as Buffer
    completeBytes += (chunk as Buffer).byteLength
    if (completeBytes - told < progressBytes) continue
    told = completeBytes
    onProgress({ completeBytes })
  }
}

/**
 * An extraction that fails may leave its input as it is; an open file would keep a deleted blob's space. Whoever stops reading early destroys the stream with an
 * AbortError, which must not take the place of the reason.
 */
async function close(blob: Readable): Promise<void> {
  blob.on('error', () => {})
  blob.destroy()
  if (!blob.closed) await new Promise<void>((resolve) => blob.once('close', resolve))
}

function rootOf({ root }: ExtractResult): DirectoryAttributes | null {
  return root === undefined ? null : { mode: root.mode & 0o7777, uid: root.uid, gid: root.gid }
}

/** With a disk that is full told as such, whoever met it: the writer, or who has it written back. */
async function orFull<Result>({ layer }: UnpackArgs, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw fullOr(error, `unpack the layer ${layer.diffId}`)
  }
}

function wrongDiffId({ layer }: UnpackArgs, { diffId }: ExtractResult): StorageError {
  return new StorageError('ERR_LAYER_DIFF_ID', `cannot unpack the layer ${layer.diffId}: its tar has the digest ${diffId}`, {
    hint: 'The image is damaged: its config and its layers do not belong together.',
    details: { expected: layer.diffId, actual: diffId },
  })
}
