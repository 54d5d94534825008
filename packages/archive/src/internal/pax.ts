import { ArchiveError } from '../errors.ts'
import type { TarXattr } from '../entry.ts'
import { copyBytes, fromLatin1, latin1 } from './bytes.ts'
import { parseDecimal, parseTime } from './numbers.ts'
import { aclAttribute } from './posix-acl.ts'

/** What PAX records say about an entry; undefined leaves it to the header. */
export interface PaxFields {
  path?: Uint8Array | undefined
  linkPath?: Uint8Array | undefined
  size?: number | undefined
  uid?: number | undefined
  gid?: number | undefined
  userName?: Uint8Array | undefined
  groupName?: Uint8Array | undefined
  modified?: bigint | undefined
  /** By name. */
  xattrs?: Map<string, TarXattr> | undefined
  sparse?: PaxSparse | undefined
}

/** GNU's sparse files in PAX, versions 0.0, 0.1 and 1.0. */
export interface PaxSparse {
  major?: number
  minor?: number
  name?: Uint8Array
  realSize?: number
  /** Offsets and lengths by turns, of `GNU.sparse.map` or of pairs of `offset` and `numbytes`. */
  numbers?: number[]
}

const newline = 0x0a
const equals = 0x3d
const space = 0x20

/** Most digits of a record's length: more than any limit on headers allows. */
const maxLengthDigits = 10

/**
 * Reads the records of a PAX header (POSIX.1-2017, pax, "pax Extended Header") on top of `fields`. An empty value takes back what was said.
 *
 * @throws ERR_ARCHIVE_MALFORMED
 */
export function parsePax(bytes: Uint8Array, fields: PaxFields): void {
  let start = 0
  while (start < bytes.length) {
    let index = start
    let length = 0
    for (; bytes[index] !== space; index++) {
      const digit = (bytes[index] ?? 0) - 0x30
      if (digit < 0 || digit > 9 || index - start >= maxLengthDigits) throw malformed('its length is not a number')
      length = length * 10 + digit
    }
    const end = start + length
    const keyStart = index + 1
    if (index === start || end > bytes.length || end <= keyStart) throw malformed('its length is wrong')
    if (bytes[end - 1] !== newline) throw malformed('it does not end with a newline')
    const separator = bytes.indexOf(equals, keyStart)
    if (separator <= keyStart || separator >= end) throw malformed('it has no key')
    setField(fields, latin1(bytes.subarray(keyStart, separator)), bytes.subarray(separator + 1, end - 1))
    start = end
  }
}

type Setter = (fields: PaxFields, value: Uint8Array | undefined) => void

const setters: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ['path', (fields, value) => (fields.path = textOf(value))],
  ['linkpath', (fields, value) => (fields.linkPath = textOf(value))],
  ['uname', (fields, value) => (fields.userName = textOf(value))],
  ['gname', (fields, value) => (fields.groupName = textOf(value))],
  ['size', (fields, value) => (fields.size = value && parseDecimal(value, 'the size of a PAX record'))],
  ['uid', (fields, value) => (fields.uid = value && parseDecimal(value, 'the user id of a PAX record'))],
  ['gid', (fields, value) => (fields.gid = value && parseDecimal(value, 'the group id of a PAX record'))],
  ['mtime', (fields, value) => (fields.modified = value && parseTime(value))],
])

const xattrPrefix = 'SCHILY.xattr.'
const libarchiveXattrPrefix = 'LIBARCHIVE.xattr.'
const sparsePrefix = 'GNU.sparse.'

/** ACLs as text, and the attributes that they are. */
const aclAttributes: ReadonlyMap<string, string> = new Map([
  ['SCHILY.acl.access', 'system.posix_acl_access'],
  ['SCHILY.acl.default', 'system.posix_acl_default'],
])

function setField(fields: PaxFields, key: string, raw: Uint8Array): void {
  const value = raw.length === 0 ? undefined : raw
  const setter = setters.get(key)
  if (setter) setter(fields, value)
  else if (key.startsWith(xattrPrefix)) setXattr(fields, fromLatin1(key.slice(xattrPrefix.length)), copyBytes(raw))
  else if (key.startsWith(libarchiveXattrPrefix)) setLibarchiveXattr(fields, key.slice(libarchiveXattrPrefix.length), raw)
  else if (aclAttributes.has(key) && value) setAcl(fields, key, value)
  else if (key.startsWith(sparsePrefix) && value) setSparse((fields.sparse ??= {}), key.slice(sparsePrefix.length), value)
}

/** An attribute may well be empty, so an empty value is one. */
function setXattr(fields: PaxFields, name: Uint8Array, value: Uint8Array): void {
  if (name.length === 0 || name.includes(0)) throw malformed('the name of an extended attribute is empty or has a NUL')
  fields.xattrs ??= new Map()
  fields.xattrs.set(latin1(name), { name, value })
}

/** Libarchive writes the name in percent encoding and the value in base64. `SCHILY.xattr` of the same name is the better one. */
function setLibarchiveXattr(fields: PaxFields, encodedName: string, value: Uint8Array): void {
  const name = fromLatin1(encodedName.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))))
  if (fields.xattrs?.has(latin1(name))) return
  setXattr(fields, name, Buffer.from(latin1(value), 'base64'))
}

/** An ACL that can't be had as an attribute stays what it is called, so that whoever reads or extracts the entry is told of it. */
function setAcl(fields: PaxFields, key: string, text: Uint8Array): void {
  const attribute = aclAttribute(text)
  const name = attribute ? aclAttributes.get(key)! : key
  if (!fields.xattrs?.has(name)) setXattr(fields, fromLatin1(name), attribute ?? copyBytes(text))
}

function setSparse(sparse: PaxSparse, key: string, value: Uint8Array): void {
  const number = (): number => parseDecimal(value, `GNU.sparse.${key}`)
  if (key === 'name') sparse.name = textOf(value) ?? new Uint8Array(0)
  else if (key === 'major') sparse.major = number()
  else if (key === 'minor') sparse.minor = number()
  else if (key === 'realsize' || key === 'size') sparse.realSize = number()
  else if (key === 'offset' || key === 'numbytes') pushPairwise((sparse.numbers ??= []), key === 'offset', number())
  else if (key === 'map')
    sparse.numbers = latin1(value)
      .split(',')
      .map((part) => parseDecimal(fromLatin1(part), 'GNU.sparse.map'))
}

function pushPairwise(numbers: number[], isOffset: boolean, value: number): void {
  if ((numbers.length % 2 === 0) !== isOffset) throw malformed('GNU.sparse.offset and GNU.sparse.numbytes do not alternate')
  numbers.push(value)
}

function textOf(value: Uint8Array | undefined): Uint8Array | undefined {
  if (value?.includes(0)) throw malformed('a name has a NUL')
  return value && copyBytes(value)
}

function malformed(reason: string): ArchiveError {
  return new ArchiveError('ERR_ARCHIVE_MALFORMED', `read PAX record: ${reason}`)
}
