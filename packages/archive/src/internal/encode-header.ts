import { ArchiveError } from '../errors.ts'
import type { TarEntryType, TarXattr } from '../entry.ts'
import { quoteBytes } from './bytes.ts'
import { blockBytes, typeFlags } from './header.ts'
import { encodePax, type PaxRecord } from './encode-pax.ts'

/** Everything that a header tells, decided. */
export interface HeaderFields {
  readonly name: Uint8Array
  readonly type: Exclude<TarEntryType, 'unknown'>
  readonly linkName: Uint8Array
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly userName: Uint8Array
  readonly groupName: Uint8Array
  readonly sizeBytes: number
  readonly modified: bigint
  readonly major: number
  readonly minor: number
  readonly xattrs: readonly TarXattr[]
}

const maxOctal7 = 0o7777777
const maxOctal11 = 0o77777777777
const nameBytes = 100
const prefixBytes = 155
const ownerNameBytes = 31

/** The blocks of an entry's header: ustar, with a PAX header in front when ustar can't hold it all. @throws ERR_ARCHIVE_ENTRY */
export function encodeHeader(fields: HeaderFields): Uint8Array {
  check(fields)
  const records: PaxRecord[] = fields.xattrs.map(xattrRecord)
  const path = splitPath(fields.name) ?? record(records, 'path', fields.name, { name: fields.name.subarray(0, nameBytes) })
  const seconds = wholeSeconds(fields.modified)
  const block = encodeBlock({
    ...path,
    typeFlag: typeFlags[fields.type],
    linkName:
      fields.linkName.length <= nameBytes
        ? fields.linkName
        : record(records, 'linkpath', fields.linkName, fields.linkName.subarray(0, nameBytes)),
    mode: fields.mode,
    uid: fields.uid <= maxOctal7 ? fields.uid : record(records, 'uid', fields.uid, 0),
    gid: fields.gid <= maxOctal7 ? fields.gid : record(records, 'gid', fields.gid, 0),
    size: fields.sizeBytes <= maxOctal11 ? fields.sizeBytes : record(records, 'size', fields.sizeBytes, 0),
    modifiedSeconds: seconds ?? record(records, 'mtime', decimalTime(fields.modified), nearestSeconds(fields.modified)),
    userName: fields.userName.length <= ownerNameBytes ? fields.userName : record(records, 'uname', fields.userName, empty),
    groupName: fields.groupName.length <= ownerNameBytes ? fields.groupName : record(records, 'gname', fields.groupName, empty),
    major: fields.major,
    minor: fields.minor,
  })
  return records.length === 0 ? block : Buffer.concat([paxHeader(records), block])
}

const empty = new Uint8Array(0)

/** Notes a PAX record; the value that stands in the header for those who don't read it. */
function record<Stand>(records: PaxRecord[], key: string, value: Uint8Array | number | string, stand: Stand): Stand {
  records.push({ key: Buffer.from(key), value: value instanceof Uint8Array ? value : Buffer.from(String(value)) })
  return stand
}

/** An ACL that names users without their numbers is no attribute: the parser keeps it under the key of its record. */
const aclPrefix = Buffer.from('SCHILY.acl.')

function xattrRecord({ name, value }: TarXattr): PaxRecord {
  if (aclPrefix.equals(name.subarray(0, aclPrefix.length))) return { key: name, value }
  return { key: Buffer.concat([Buffer.from('SCHILY.xattr.'), name]), value }
}

function paxHeader(records: readonly PaxRecord[]): Uint8Array {
  const data = encodePax(records)
  const block = encodeBlock({
    name: Buffer.from('PaxHeaders.0/entry'),
    typeFlag: typeFlags.pax,
    linkName: empty,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: data.length,
    modifiedSeconds: 0,
    userName: empty,
    groupName: empty,
    major: 0,
    minor: 0,
  })
  return Buffer.concat([block, data, new Uint8Array(paddingOf(data.length))])
}

/** Bytes that fill up a block. */
export function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes
}

interface BlockFields {
  readonly name: Uint8Array
  readonly prefix?: Uint8Array
  readonly typeFlag: number
  readonly linkName: Uint8Array
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly modifiedSeconds: number
  readonly userName: Uint8Array
  readonly groupName: Uint8Array
  readonly major: number
  readonly minor: number
}

function encodeBlock(fields: BlockFields): Buffer {
  const block = Buffer.alloc(blockBytes)
  const octal = (value: number, at: number, digits: number): unknown => block.write(value.toString(8).padStart(digits, '0'), at, 'latin1')
  block.set(fields.name, 0)
  octal(fields.mode, 100, 7)
  octal(fields.uid, 108, 7)
  octal(fields.gid, 116, 7)
  octal(fields.size, 124, 11)
  octal(fields.modifiedSeconds, 136, 11)
  block.fill(0x20, 148, 156)
  block[156] = fields.typeFlag
  block.set(fields.linkName, 157)
  block.write('ustar\x0000', 257, 'latin1')
  block.set(fields.userName, 265)
  block.set(fields.groupName, 297)
  octal(fields.major, 329, 7)
  octal(fields.minor, 337, 7)
  if (fields.prefix) block.set(fields.prefix, 345)
  const sum = block.reduce((total, byte) => total + byte, 0)
  octal(sum, 148, 6)
  block[154] = 0
  return block
}

/** Name and prefix as ustar has them: split at a slash. Undefined when that can't be. */
function splitPath(path: Uint8Array): { name: Uint8Array; prefix?: Uint8Array } | undefined {
  if (path.length <= nameBytes) return { name: path }
  // The slash at the end of a directory's name is no place to split.
  const slash = path.indexOf(0x2f, Math.max(1, path.length - nameBytes - 1))
  if (slash < 0 || slash > prefixBytes || slash >= path.length - 1) return undefined
  return { name: path.subarray(slash + 1), prefix: path.subarray(0, slash) }
}

function wholeSeconds(modified: bigint): number | undefined {
  if (modified % 1_000_000_000n !== 0n) return undefined
  const seconds = Number(modified / 1_000_000_000n)
  return seconds >= 0 && seconds <= maxOctal11 ? seconds : undefined
}

/** What readers without PAX get of a time. */
function nearestSeconds(modified: bigint): number {
  return Math.min(Math.max(0, Number(modified / 1_000_000_000n)), maxOctal11)
}

function decimalTime(modified: bigint): string {
  const size = modified < 0n ? -modified : modified
  const fraction = (size % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  return `${modified < 0n ? '-' : ''}${size / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}`
}

function check(fields: HeaderFields): void {
  const wrong = (reason: string): ArchiveError =>
    new ArchiveError('ERR_ARCHIVE_ENTRY', `write tar entry ${quoteBytes(fields.name)}: ${reason}`)
  const names = [fields.name, fields.linkName, fields.userName, fields.groupName, ...fields.xattrs.map((xattr) => xattr.name)]
  if (fields.name.length === 0) throw wrong('its name is empty')
  if (names.some((name) => name.includes(0))) throw wrong('a name has a NUL')
  if (fields.xattrs.some(({ name }) => name.length === 0 || name.includes(0x3d)))
    throw wrong('the name of an attribute is empty or has a =')
  for (const value of [fields.mode, fields.uid, fields.gid, fields.sizeBytes, fields.major, fields.minor]) {
    if (!Number.isSafeInteger(value) || value < 0) throw wrong(`${value} is not a number that a header holds`)
  }
  if (fields.mode > 0o7777) throw wrong('its mode has more than permissions')
  if (fields.major > maxOctal7 || fields.minor > maxOctal7) throw wrong('its device number is too large')
}
