import type { SpecialFiles } from '@podwright/contracts'
import type { TarEntry } from '../../entry.ts'
import type { ExtractOptions } from '../../extract-options.ts'
import { latin1 } from '../bytes.ts'
import { entryError } from './failure.ts'
import { Skipped } from './skipped.ts'

/** What all parts of one extraction share. */
export interface Settings {
  /** Path of the directory with a slash, each byte one character. */
  readonly prefix: string
  readonly special: SpecialFiles | undefined
  readonly whiteouts: 'apply' | 'overlay' | 'keep'
  readonly opaqueXattr: Uint8Array
  readonly owners: 'archive' | 'caller'
  readonly callerOwner: readonly [uid: number, gid: number] | undefined
  readonly devices: 'create' | 'refuse' | 'skip'
  readonly symlinkedParents: 'refuse' | 'follow'
  /** What becomes of a directory in a file's place, and the other way round. */
  readonly conflicts: 'replace' | 'refuse'
  /** Whether directories that were there before get the attributes that the archive has for them. */
  readonly existingDirectories: 'become' | 'stay'
  /** The tree is in use: directories that something is made in show it by their times, and files that are mounted are written where they are. */
  readonly isLive: boolean
  readonly lowerPrefixes: readonly string[]
  readonly mapOwner: OwnerMapping
  readonly umask: number
  readonly userId: number
  readonly groupId: number
  readonly skipped: Skipped
  strippedXattrs: number
}

export type OwnerMapping = (uid: number, gid: number) => readonly [uid: number, gid: number]

export function createSettings(
  prefix: string,
  options: ExtractOptions,
  treatment: Pick<Settings, 'conflicts' | 'existingDirectories' | 'isLive'> = {
    conflicts: 'replace',
    existingDirectories: 'become',
    isLive: false,
  },
): Settings {
  const userId = process.geteuid?.() ?? -1
  return {
    prefix,
    ...treatment,
    special: options.special,
    whiteouts: options.whiteouts ?? 'apply',
    opaqueXattr: Buffer.from(`${options.overlayXattrs ?? 'trusted'}.overlay.opaque`),
    owners: options.owners ?? (userId === 0 ? 'archive' : 'caller'),
    callerOwner: options.callerOwner,
    devices: options.devices ?? 'create',
    symlinkedParents: options.symlinkedParents ?? 'refuse',
    lowerPrefixes: (options.lowerDirectories ?? []).map(directoryPrefix),
    mapOwner: remember(options.mapOwner ?? ((uid, gid) => [uid, gid])),
    umask: process.umask(),
    userId,
    groupId: process.getegid?.() ?? -1,
    skipped: new Skipped(),
    strippedXattrs: 0,
  }
}

/** A directory's path with a slash, each byte one character. */
export function directoryPrefix(directory: string | Uint8Array): string {
  return `${latin1(typeof directory === 'string' ? Buffer.from(directory) : directory)}/`
}

function remember(mapOwner: OwnerMapping): OwnerMapping {
  const answers = new Map<string, readonly [number, number]>()
  let lastUid = -1
  let lastGid = -1
  let last: readonly [number, number] = [0, 0]
  return (uid, gid) => {
    if (uid === lastUid && gid === lastGid) return last
    const key = `${uid}:${gid}`
    const answer = answers.get(key) ?? mapOwner(uid, gid)
    answers.set(key, answer)
    lastUid = uid
    lastGid = gid
    return (last = answer)
  }
}

/** The largest id; one more is -1 for chown(2), which changes nothing. */
const maxId = 0xfffffffe

/** Whose an entry's file is to be; undefined leaves it to whoever runs this. @throws ERR_ARCHIVE_OWNER */
export function ownerOf(settings: Settings, entry: TarEntry): readonly [uid: number, gid: number] | undefined {
  if (settings.owners === 'caller') return settings.callerOwner
  const owner = settings.mapOwner(entry.uid, entry.gid)
  if (owner.some((id) => !(id >= 0 && id <= maxId))) {
    throw entryError('ERR_ARCHIVE_OWNER', entry, `${entry.uid}:${entry.gid} are not ids that a file can have`)
  }
  return owner
}
