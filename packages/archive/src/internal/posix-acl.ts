import { latin1 } from './bytes.ts'

/** Tags of entries, as the kernel has them (linux/posix_acl.h), in the order that it asks for. */
const tags = { userObject: 0x01, user: 0x02, groupObject: 0x04, group: 0x08, mask: 0x10, other: 0x20 } as const

const version = 2
const noId = 0xffff_ffff
const headerBytes = 4
const entryBytes = 8

interface AclEntry {
  readonly tag: number
  readonly permissions: number
  readonly id: number
}

/**
 * The text of an ACL, as star and GNU tar write it (`user::rw-,user:joe:rwx:1000,mask::rwx,…`, with commas or newlines), as the attribute that
 * Linux keeps it in. Users and groups must have a number, in the place of the name or in a fourth field: names mean nothing here.
 *
 * @returns undefined when it has a name without a number, or isn't an ACL.
 */
export function aclAttribute(text: Uint8Array): Uint8Array | undefined {
  const lines = latin1(text)
    .split(/[,\n]/)
    .map((line) => line.replace(/#.*/, '').trim())
  const entries = lines.filter((line) => line !== '').map(parseEntry)
  if (entries.length === 0 || !entries.every((entry) => entry !== undefined)) return undefined
  const sorted = entries.toSorted((a, b) => a.tag - b.tag || a.id - b.id)
  const bytes = Buffer.alloc(headerBytes + sorted.length * entryBytes)
  bytes.writeUInt32LE(version, 0)
  for (const [index, { tag, permissions, id }] of sorted.entries()) {
    const at = headerBytes + index * entryBytes
    bytes.writeUInt16LE(tag, at)
    bytes.writeUInt16LE(permissions, at + 2)
    bytes.writeUInt32LE(id, at + 4)
  }
  return bytes
}

function parseEntry(line: string): AclEntry | undefined {
  const [kind = '', name = '', bits = '', number = name] = line.split(':')
  const tag = tagOf(kind, name)
  if (tag === undefined || !/^[r-][w-][x-]$/.test(bits)) return undefined
  const permissions = (bits[0] === 'r' ? 4 : 0) + (bits[1] === 'w' ? 2 : 0) + (bits[2] === 'x' ? 1 : 0)
  if (tag !== tags.user && tag !== tags.group) return { tag, permissions, id: noId }
  const id = /^\d{1,10}$/.test(number) ? Number(number) : noId
  return id < noId ? { tag, permissions, id } : undefined
}

function tagOf(kind: string, name: string): number | undefined {
  if (kind === 'user' || kind === 'u') return name === '' ? tags.userObject : tags.user
  if (kind === 'group' || kind === 'g') return name === '' ? tags.groupObject : tags.group
  if (kind === 'mask' || kind === 'm') return tags.mask
  return kind === 'other' || kind === 'o' ? tags.other : undefined
}
