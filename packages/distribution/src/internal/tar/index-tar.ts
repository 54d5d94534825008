import type { TarEntry } from '@podwright/archive'
import type { AbortOptions } from '@podwright/conventions'
import { isPodwrightError, messageOf } from '@podwright/conventions'
import type { FileHandle } from 'node:fs/promises'
import { invalidArchive } from './archive-error.ts'
import { cleanName } from './clean-name.ts'

/** Where something lies in a tar. */
export type TarMember =
  | { readonly type: 'file'; readonly offset: number; readonly sizeBytes: number }
  | { readonly type: 'link'; readonly target: string }
  /** Two of this name, of which one reader would take the first, another the last. */
  | { readonly type: 'ambiguous' }
  | { readonly type: 'other' }

/** Docker's archives of many images have some thousands; more is an attack. */
const membersMaximum = 100_000
/** Of all names together, which are kept in memory. */
const nameMaximumBytes = 16 * 1024 * 1024

const blockBytes = 512
/** What is read at a time: headers of small files lie close together. */
const windowBytes = 64 * 1024

/**
 * Finds what lies where in an uncompressed tar, by its headers alone: contents are passed over, not read.
 *
 * @param place for messages
 * @throws DistributionError `ERR_IMAGE_ARCHIVE_INVALID`
 */
export async function indexTar(
  file: FileHandle,
  sizeBytes: number,
  place: string,
  { signal }: AbortOptions = {},
): Promise<ReadonlyMap<string, TarMember>> {
  const { createTarParser } = await import('@podwright/archive')
  const readBlock = blockReader(file, sizeBytes, place)
  const members = new Map<string, TarMember>()
  let nameBytes = 0

  /** A parser is made for each entry: it would want to be fed the content that is passed over. */
  const nextEntry = async (start: number): Promise<{ readonly entry: TarEntry; readonly offset: number } | undefined> => {
    let entry: TarEntry | undefined
    const parser = createTarParser({ entry: (found) => void (entry = found), data: () => {}, end: () => {} })
    for (let position = start, zeroBlocks = 0; position < sizeBytes;) {
      signal?.throwIfAborted()
      const block = await readBlock(position)
      zeroBlocks = block.every((byte) => byte === 0) ? zeroBlocks + 1 : 0
      if (zeroBlocks === 2) break
      parser.write(block)
      position += blockBytes
      if (entry !== undefined) return { entry, offset: position }
    }
    parser.close()
    return undefined
  }

  try {
    for (let next = await nextEntry(0); next !== undefined;) {
      const { entry, offset } = next
      const end = offset + entry.storedBytes
      if (end > sizeBytes) throw invalidArchive(place, `it ends within ${quoted(entry.name)}`)
      nameBytes += entry.name.length + entry.linkName.length
      if (members.size >= membersMaximum) throw invalidArchive(place, `it has more than ${membersMaximum} members`)
      if (nameBytes > nameMaximumBytes) throw invalidArchive(place, `its names have more than ${nameMaximumBytes} bytes`)
      record(members, entry, offset, place)
      next = await nextEntry(end + ((blockBytes - (end % blockBytes)) % blockBytes))
    }
  } catch (error) {
    if (!isPodwrightError(error) || !error.code.startsWith('ERR_ARCHIVE_')) throw error
    throw invalidArchive(place, messageOf(error), error)
  }
  return members
}

function record(members: Map<string, TarMember>, entry: TarEntry, offset: number, place: string): void {
  const name = cleanName(text(entry.name))
  if (name === undefined) throw invalidArchive(place, `the name ${quoted(entry.name)} leads out of it`)
  const member = memberOf(entry, offset, name)
  // Directories may be named twice: nothing is read from them.
  const isTwice = members.has(name) && (member.type !== 'other' || members.get(name)?.type !== 'other')
  members.set(name, isTwice ? { type: 'ambiguous' } : member)
}

function memberOf(entry: TarEntry, offset: number, name: string): TarMember {
  if (entry.type === 'file') {
    return entry.sparse === undefined ? { type: 'file', offset, sizeBytes: entry.sizeBytes } : { type: 'other' }
  }
  const directory = entry.type === 'symlink' ? name.slice(0, name.lastIndexOf('/') + 1) : ''
  const target = entry.type === 'symlink' || entry.type === 'hardlink' ? cleanName(directory + text(entry.linkName)) : undefined
  return target === undefined ? { type: 'other' } : { type: 'link', target }
}

function blockReader(file: FileHandle, sizeBytes: number, place: string): (position: number) => Promise<Uint8Array> {
  const window = Buffer.alloc(windowBytes)
  let start = 0
  let length = 0
  return async (position) => {
    if (position < start || position + blockBytes > start + length) {
      start = position
      length = (await file.read(window, 0, windowBytes, position)).bytesRead
    }
    if (position + blockBytes > start + length) {
      throw invalidArchive(place, position === 0 ? 'it is no tar' : `it ends within a header, at byte ${sizeBytes}`)
    }
    return window.subarray(position - start, position - start + blockBytes)
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

function quoted(bytes: Uint8Array): string {
  return JSON.stringify(text(bytes.subarray(0, 200)))
}
