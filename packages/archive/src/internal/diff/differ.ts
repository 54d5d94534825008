import { type BigIntStats, closeSync, constants, openSync, readSync } from 'node:fs'
import type { TarXattr } from '../../entry.ts'
import { inodeKey, packedXattrs } from '../pack/entry-reader.ts'
import { readFailure } from '../pack/failure.ts'

/** What makes two files differ. */
export type Comparison = 'metadata' | 'metadata-and-contents' | 'contents'

/** A file of one of two trees; what costs a call is asked for when it is needed. */
export interface Version {
  readonly stats: BigIntStats
  readonly path: Buffer
  xattrs(): readonly TarXattr[]
  link(): Buffer | undefined
}

/** Whether two files of the same path are different ones. @throws ERR_ARCHIVE_READ */
export function differ(lower: Version, upper: Version, comparison: Comparison): boolean {
  const [a, b] = [lower.stats, upper.stats]
  if (inodeKey(a) === inodeKey(b)) return false
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid) return true
  if (comparison !== 'contents' && a.mtimeNs !== b.mtimeNs) return true
  if ((a.isCharacterDevice() || a.isBlockDevice()) && a.rdev !== b.rdev) return true
  if (a.isFile() && a.size !== b.size) return true
  if (a.isSymbolicLink() && !sameBytes(lower.link(), upper.link())) return true
  if (xattrsDiffer(lower.xattrs(), upper.xattrs())) return true
  return comparison !== 'metadata' && a.isFile() && contentsDiffer(lower.path, upper.path)
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0
}

/** Both are sorted by name. */
function xattrsDiffer(lower: readonly TarXattr[], upper: readonly TarXattr[]): boolean {
  if (lower.length === 0 && upper.length === 0) return false
  const [a, b] = [packedXattrs(lower), packedXattrs(upper)]
  return a.length !== b.length || a.some(({ name, value }, index) => !sameBytes(name, b[index]?.name) || !sameBytes(value, b[index]?.value))
}

const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
const pieceBytes = 1 << 18
let spaces: readonly [Buffer, Buffer] | undefined

function contentsDiffer(lower: Buffer, upper: Buffer): boolean {
  const a = readFailure(lower, () => openSync(lower, flags))
  try {
    const b = readFailure(upper, () => openSync(upper, flags))
    try {
      spaces ??= [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)]
      for (;;) {
        const [left, right] = [readPiece(lower, a, spaces[0]), readPiece(upper, b, spaces[1])]
        if (Buffer.compare(left, right) !== 0) return true
        if (left.length === 0) return false
      }
    } finally {
      closeSync(b)
    }
  } finally {
    closeSync(a)
  }
}

/** As much as fits, unless the file ends. */
function readPiece(path: Buffer, fd: number, space: Buffer): Buffer {
  let length = 0
  while (length < space.length) {
    const read = readFailure(path, () => readSync(fd, space, length, space.length - length, null))
    if (read === 0) break
    length += read
  }
  return space.subarray(0, length)
}
