import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { findTool } from '@podwright/linux'

/** Ids lent to a user: `start … start+size-1`. */
export interface SubIdRange {
  readonly start: number
  readonly size: number
}

/** Both kinds of a user's ranges. */
export interface SubIds {
  readonly uids: readonly SubIdRange[]
  readonly gids: readonly SubIdRange[]
}

/** One line of /etc/subuid or /etc/subgid. */
export interface SubIdEntry extends SubIdRange {
  /** A user's name, or uid. */
  readonly owner: string
}

/** Who is asked for. */
export interface SubIdUser {
  readonly uid: number
  /** Undefined when the user database doesn't know the uid. */
  readonly name: string | undefined
}

/** Where the ranges are looked up; each has the system's file as its default. */
export interface ReadSubIdsOptions {
  /** @default '/etc/subuid' */
  readonly subuidPath?: string | undefined
  /** @default '/etc/subgid' */
  readonly subgidPath?: string | undefined
  /** Names the source of ranges in its line `subid:`. @default '/etc/nsswitch.conf' */
  readonly nsswitchPath?: string | undefined
  /** @default the user of this process */
  readonly user?: SubIdUser | undefined
}

/** Parses the text of /etc/subuid or /etc/subgid (subuid(5)). Comments, blank and malformed lines are left out, as shadow does. */
export function parseSubIds(text: string): SubIdEntry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^([^:#\s][^:]*):(\d+):(\d+)\s*$/.exec(line.trim())
    const [, owner = '', start, size] = match ?? []
    return match === null || Number(size) < 1 ? [] : [{ owner, start: Number(start), size: Number(size) }]
  })
}

/** The ranges of a user: those under the name and those under the uid, in the file's order, each once. */
export function rangesOf(entries: readonly SubIdEntry[], user: SubIdUser): SubIdRange[] {
  const ranges = new Map<string, SubIdRange>()
  for (const { owner, start, size } of entries) {
    if (owner === user.name || owner === String(user.uid)) ranges.set(`${start}:${size}`, { start, size })
  }
  return [...ranges.values()]
}

/** The ranges of a user, from /etc/subuid and /etc/subgid, or through `getsubids` where nsswitch.conf names another source. Never throws. */
export function readSubIds(options: ReadSubIdsOptions = {}): SubIds {
  const { subuidPath = '/etc/subuid', subgidPath = '/etc/subgid', nsswitchPath = '/etc/nsswitch.conf', user = currentUser() } = options
  const source = subIdSource(nsswitchPath)
  const getsubids = source === 'files' || user.name === undefined ? undefined : findTool('getsubids')
  if (getsubids !== undefined && user.name !== undefined) {
    return { uids: askGetsubids(getsubids, [user.name]), gids: askGetsubids(getsubids, ['-g', user.name]) }
  }
  return { uids: rangesOf(readSubIdFile(subuidPath), user), gids: rangesOf(readSubIdFile(subgidPath), user) }
}

/** All lines of a file of ranges; none when it isn't there. */
export function readSubIdFile(path: string): SubIdEntry[] {
  return parseSubIds(readOrEmpty(path))
}

/** Which source of ranges the system is set up for: `files`, or the name of a plug-in of shadow (`sss`). */
export function subIdSource(nsswitchPath: string = '/etc/nsswitch.conf'): string {
  return /^\s*subid:\s*(\S+)/m.exec(readOrEmpty(nsswitchPath))?.[1] ?? 'files'
}

/** The user of this process. */
export function currentUser(): SubIdUser {
  const uid = process.getuid?.() ?? 0
  try {
    return { uid, name: userInfo().username }
  } catch {
    return { uid, name: undefined }
  }
}

/** Lines such as `0: plain 100000 65536`. Asked in the foreground: this is rare, and only when no namespace is there yet. */
function askGetsubids(path: string, args: readonly string[]): SubIdRange[] {
  const { spawnSync } = process.getBuiltinModule('node:child_process')
  const { stdout } = spawnSync(path, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return [...(stdout ?? '').matchAll(/^\d+:\s+\S+\s+(\d+)\s+(\d+)\s*$/gm)].map(([, start, size]) => ({
    start: Number(start),
    size: Number(size),
  }))
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
