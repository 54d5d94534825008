import { ArchiveError } from '../errors.ts'
import type { SparseRegion, TarEntry, TarXattr } from '../entry.ts'
import { entryType, type Header, typeFlags } from './header.ts'
import type { PaxFields } from './pax.ts'
import { sparseRegions } from './sparse.ts'

/** A sparse file's map as read, and its size with the holes. */
export interface SparseMap {
  readonly numbers: readonly number[]
  readonly realSize: number
}

const noXattrs: readonly TarXattr[] = []

const withoutData: ReadonlySet<number> = new Set<number>([
  typeFlags.hardlink,
  typeFlags.symlink,
  typeFlags.character,
  typeFlags.block,
  typeFlags.directory,
  typeFlags.fifo,
])

/**
 * Bytes of data that follow the header. Links, directories and devices have none, whatever their size field says (POSIX.1-2017, pax, "ustar
 * Interchange Format"; Go's archive/tar reads it so too).
 */
export function dataBytes(header: Header, pax: PaxFields): number {
  return withoutData.has(header.typeFlag) ? 0 : (pax.size ?? header.size)
}

/** Puts together what the header, PAX and the sparse map say. */
export function buildEntry(header: Header, pax: PaxFields, storedBytes: number, map: SparseMap | undefined): TarEntry {
  const name = pax.sparse?.name ?? pax.path ?? header.name
  const type = entryType(header.typeFlag, name)
  const content = contentOf(type === 'file', storedBytes, map)
  return {
    name,
    linkName: pax.linkPath ?? header.linkName,
    type,
    typeFlag: header.typeFlag,
    mode: header.mode,
    uid: idOf(pax.uid ?? header.uid),
    gid: idOf(pax.gid ?? header.gid),
    userName: pax.userName ?? header.userName,
    groupName: pax.groupName ?? header.groupName,
    modified: pax.modified ?? BigInt(header.modifiedSeconds) * 1_000_000_000n,
    major: header.major,
    minor: header.minor,
    xattrs: pax.xattrs ? [...pax.xattrs.values()] : noXattrs,
    ...content,
  }
}

interface Content {
  readonly sizeBytes: number
  readonly storedBytes: number
  readonly sparse: readonly SparseRegion[] | undefined
}

function contentOf(isFile: boolean, storedBytes: number, map: SparseMap | undefined): Content {
  if (!isFile) return { sizeBytes: 0, storedBytes: 0, sparse: undefined }
  if (!map) return { sizeBytes: storedBytes, storedBytes, sparse: undefined }
  return { sizeBytes: map.realSize, storedBytes, sparse: sparseRegions(map.numbers, map.realSize, storedBytes) }
}

function idOf(id: number): number {
  if (id < 0) throw new ArchiveError('ERR_ARCHIVE_MALFORMED', 'read tar header: a user or group id is negative')
  return id
}
