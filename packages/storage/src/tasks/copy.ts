import type { IdMap, NamespaceTaskContext, SpecialFiles } from '@podwright/contracts'
import { isWhiteout, parseWhiteout } from '@podwright/archive'
import { createSpecialFiles } from '@podwright/linux'
import { type BigIntStats, chmodSync, lchownSync, linkSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs'
import { fullOr, spareBytes } from '../internal/free-space.ts'
import { shiftId } from '../internal/shift-ids.ts'
import { StorageError } from '../errors.ts'
import { copyFile } from './copy-file.ts'
import { removeTree } from './remove.ts'
import type { CopyArgs } from './tasks.ts'
import { childPath } from './tree.ts'

/** Files between two looks at the signal and at the free space. */
const stride = 128
const permissionBits = 0o7777

/** What one merge keeps in mind. */
interface Merge {
  readonly special: SpecialFiles
  readonly idMap: IdMap | null
  /** Names that look like markers are names. */
  readonly literal: boolean
  /** Copies of hard-linked files of the layer at hand, by inode. */
  readonly links: Map<bigint, Buffer>
  /** Called before each file. */
  readonly step: () => Promise<void> | undefined
}

/** The handler of `storage.copy`: layers with `.wh.` markers become one tree, as if they were unpacked one after the other. */
export async function copy(args: CopyArgs, { signal }: Pick<NamespaceTaskContext<never>, 'signal'>): Promise<null> {
  const merge: Merge = {
    special: createSpecialFiles(),
    idMap: args.idMap,
    literal: args.literal ?? false,
    links: new Map(),
    step: pace(args, signal),
  }
  const target = Buffer.from(args.directory)
  try {
    for (const layer of args.layers) {
      merge.links.clear()
      await mergeDirectory(merge, Buffer.from(layer), target)
    }
    const [uid, gid] = [shiftId(args.root.uid, args.idMap?.uids), shiftId(args.root.gid, args.idMap?.gids)]
    lchownSync(target, uid, gid)
    chmodSync(target, args.root.mode)
  } catch (error) {
    throw fullOr(error, `copy the layers of a snapshot to ${args.directory}`)
  }
  return null
}

function pace({ directory, minFreeBytes }: CopyArgs, signal: AbortSignal): () => Promise<void> | undefined {
  let count = 0
  return () => {
    count += 1
    if (count % stride !== 1) return undefined
    signal.throwIfAborted()
    if (spareBytes(directory, minFreeBytes) < 0) {
      throw new StorageError('ERR_STORAGE_FULL', `cannot copy the layers of a snapshot to ${directory}: no more may be written`, {
        hint: 'Make room on that file system; how much is kept free is set by `minFreeBytes`, or PODWRIGHT_MIN_FREE in the environment of the command.',
      })
    }
    return new Promise((resolve) => void setImmediate(resolve))
  }
}

/** What a layer takes away comes first: it is about the layers below, never about what the layer itself has. */
async function mergeDirectory(merge: Merge, source: Buffer, target: Buffer): Promise<void> {
  const names = readdirSync(source, { encoding: 'buffer' })
  if (!merge.literal) for (const name of names) await applyWhiteout(name, target)
  for (const name of names) {
    if (!merge.literal && isWhiteout(name)) continue
    await merge.step()
    await mergeEntry(merge, childPath(source, name), childPath(target, name))
  }
}

async function applyWhiteout(name: Uint8Array, target: Buffer): Promise<void> {
  const whiteout = parseWhiteout(name)
  if (whiteout?.type === 'whiteout') await removeTree(childPath(target, whiteout.name))
  if (whiteout?.type !== 'opaque') return
  for (const below of readdirSync(target, { encoding: 'buffer' })) await removeTree(childPath(target, below))
}

async function mergeEntry(merge: Merge, source: Buffer, target: Buffer): Promise<void> {
  const stats = lstatSync(source, { bigint: true })
  const below = lstatSync(target, { throwIfNoEntry: false })
  const kept = stats.isDirectory() && below?.isDirectory() === true
  if (below !== undefined && !kept) await removeTree(target)
  if (stats.isDirectory()) {
    if (!kept) mkdirSync(target, { mode: 0o700 })
    await mergeDirectory(merge, source, target)
    // Last: what was just put into it changed its time, and its mode may be closed to all.
    copyAttributes(merge, source, target, stats, kept)
    return
  }
  const linked = stats.nlink > 1n ? merge.links.get(stats.ino) : undefined
  if (linked !== undefined) return linkSync(linked, target)
  if (stats.nlink > 1n) merge.links.set(stats.ino, target)
  copyContent(merge, source, target, stats)
  copyAttributes(merge, source, target, stats, false)
}

function copyContent({ special }: Merge, source: Buffer, target: Buffer, stats: BigIntStats): void {
  if (stats.isFile()) return copyFile(source, target, stats)
  if (stats.isSymbolicLink()) return symlinkSync(readlinkSync(source, { encoding: 'buffer' }), target)
  const device = stats.rdev
  // glibc's gnu_dev_major() and gnu_dev_minor(), for numbers that fit into 32 bits.
  const major = Number((device >> 8n) & 0xfffn)
  const minor = Number((device & 0xffn) | ((device >> 12n) & 0xfff00n))
  special.mknod(target, Number(stats.mode), major, minor)
}

function copyAttributes(merge: Merge, source: Buffer, target: Buffer, stats: BigIntStats, replace: boolean): void {
  lchownSync(target, shiftId(Number(stats.uid), merge.idMap?.uids), shiftId(Number(stats.gid), merge.idMap?.gids))
  if (!stats.isSymbolicLink()) chmodSync(target, Number(stats.mode) & permissionBits)
  // After the owner: a change of the owner takes capabilities away.
  copyXattrs(merge.special, source, target, replace)
  merge.special.setTimes(target, stats.mtimeNs)
}

function copyXattrs(special: SpecialFiles, source: Buffer, target: Buffer, replace: boolean): void {
  const names = special.listXattrs(source)
  if (replace) {
    for (const name of special.listXattrs(target))
      if (!names.some((kept) => Buffer.compare(kept, name) === 0)) special.removeXattr(target, name)
  }
  for (const name of names) {
    const value = special.getXattr(source, name)
    if (value !== undefined) special.setXattr(target, name, value)
  }
}
