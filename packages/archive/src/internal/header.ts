import { ArchiveError } from '../errors.ts'
import type { TarEntryType } from '../entry.ts'
import { parseNumber } from './numbers.ts'

export const blockBytes = 512

/** What a 512-byte header block says by itself. Names are copies. */
export interface Header {
  name: Uint8Array
  linkName: Uint8Array
  typeFlag: number
  mode: number
  uid: number
  gid: number
  userName: Uint8Array
  groupName: Uint8Array
  /** Bytes of data that follow, as said; kinds without data may lie. */
  size: number
  modifiedSeconds: number
  major: number
  minor: number
  isGnu: boolean
}

/** Type flags (POSIX pax; GNU tar's `tar.h`). */
export const typeFlags = {
  oldFile: 0x00,
  file: 0x30,
  hardlink: 0x31,
  symlink: 0x32,
  character: 0x33,
  block: 0x34,
  directory: 0x35,
  fifo: 0x36,
  contiguous: 0x37,
  pax: 0x78, // x
  solarisPax: 0x58, // X
  globalPax: 0x67, // g
  gnuLongName: 0x4c, // L
  gnuLongLink: 0x4b, // K
  gnuSparse: 0x53, // S
  gnuDumpDirectory: 0x44, // D
  gnuVolume: 0x56, // V
} as const

const types: ReadonlyMap<number, TarEntryType> = new Map<number, TarEntryType>([
  [typeFlags.oldFile, 'file'],
  [typeFlags.file, 'file'],
  [typeFlags.contiguous, 'file'],
  [typeFlags.gnuSparse, 'file'],
  [typeFlags.hardlink, 'hardlink'],
  [typeFlags.symlink, 'symlink'],
  [typeFlags.character, 'character'],
  [typeFlags.block, 'block'],
  [typeFlags.directory, 'directory'],
  [typeFlags.gnuDumpDirectory, 'directory'],
  [typeFlags.fifo, 'fifo'],
])

/** The kind of an entry. Old archives mark a directory by the slash at the end of its name alone. */
export function entryType(typeFlag: number, name: Uint8Array): TarEntryType {
  const type = types.get(typeFlag) ?? 'unknown'
  return type === 'file' && name.at(-1) === 0x2f ? 'directory' : type
}

const noBytes = new Uint8Array(0)

/** Decodes one header block, `block[start … start + 512]`. @throws ERR_ARCHIVE_MALFORMED */
export function parseHeader(block: Uint8Array, start: number): Header {
  checkSum(block, start)
  const isGnu = hasMagic(block, start, 'ustar  \0')
  const isPosix = !isGnu && hasMagic(block, start, 'ustar\0')
  const hasOwners = isGnu || isPosix
  return {
    name: isPosix ? posixName(block, start) : text(block, start, 100),
    linkName: text(block, start + 157, 100),
    typeFlag: block[start + 156]!,
    mode: parseNumber(block, start + 100, 8, 'the mode') & 0o7777,
    uid: parseNumber(block, start + 108, 8, 'the user id'),
    gid: parseNumber(block, start + 116, 8, 'the group id'),
    size: parseNumber(block, start + 124, 12, 'the size'),
    modifiedSeconds: parseNumber(block, start + 136, 12, 'the modification time'),
    userName: hasOwners ? text(block, start + 265, 32) : noBytes,
    groupName: hasOwners ? text(block, start + 297, 32) : noBytes,
    major: hasOwners ? parseNumber(block, start + 329, 8, 'the major number') : 0,
    minor: hasOwners ? parseNumber(block, start + 337, 8, 'the minor number') : 0,
    isGnu,
  }
}

/** Whether a block is all zeros. */
export function isZeroBlock(block: Uint8Array, start: number): boolean {
  for (let index = start; index < start + blockBytes; index++) if (block[index] !== 0) return false
  return true
}

const checkSumAt = 148
const checkSumBytes = 8

/** The sum of all bytes, its own eight as spaces; some old tars added signed bytes. */
function checkSum(block: Uint8Array, start: number): void {
  const expected = parseNumber(block, start + checkSumAt, checkSumBytes, 'the checksum')
  const sum = sumOf(block, start)
  if (sum === expected || sum - highBytes(block, start) * 256 === expected) return
  throw new ArchiveError('ERR_ARCHIVE_MALFORMED', 'read tar header: the checksum is wrong', {
    hint: 'The file is damaged, or is not a tar.',
  })
}

function sumOf(block: Uint8Array, start: number): number {
  let sum = checkSumBytes * 0x20
  const own = start + checkSumAt
  for (let index = start; index < own; index++) sum += block[index]!
  for (let index = own + checkSumBytes; index < start + blockBytes; index++) sum += block[index]!
  return sum
}

/** How many bytes would be negative, each of which makes a sum of signed bytes 256 less. */
function highBytes(block: Uint8Array, start: number): number {
  const outside = (index: number): boolean => index < checkSumAt || index >= checkSumAt + checkSumBytes
  return block.subarray(start, start + blockBytes).reduce((count, byte, index) => count + (byte >= 0x80 && outside(index) ? 1 : 0), 0)
}

function hasMagic(block: Uint8Array, start: number, magic: string): boolean {
  for (let index = 0; index < magic.length; index++) if (block[start + 257 + index] !== magic.charCodeAt(index)) return false
  return true
}

function posixName(block: Uint8Array, start: number): Uint8Array {
  const name = text(block, start, 100)
  if (block[start + 345] === 0) return name
  const prefix = text(block, start + 345, isStar(block, start) ? 131 : 155)
  const joined = new Uint8Array(prefix.length + 1 + name.length)
  joined.set(prefix)
  joined[prefix.length] = 0x2f
  joined.set(name, prefix.length + 1)
  return joined
}

/** Star keeps access and change times in the last bytes of the prefix, and signs with `tar\0`. */
function isStar(block: Uint8Array, start: number): boolean {
  return block[start + 508] === 0x74 && block[start + 509] === 0x61 && block[start + 510] === 0x72 && block[start + 511] === 0
}

function text(block: Uint8Array, start: number, length: number): Uint8Array {
  let end = start
  while (end < start + length && block[end] !== 0) end++
  if (end === start) return noBytes
  // A copy in Node's pool, byte by byte: far cheaper than memory of its own, and than a view of the block.
  const copy = Buffer.allocUnsafe(end - start)
  for (let index = start; index < end; index++) copy[index - start] = block[index]!
  return copy
}
