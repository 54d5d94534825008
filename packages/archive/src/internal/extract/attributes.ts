import { chmodSync, chownSync, fchmodSync, fchownSync, futimesSync, lchownSync, lutimesSync } from 'node:fs'
import { systemCodeOf } from '@podwright/conventions'
import type { TarEntry, TarXattr } from '../../entry.ts'
import { latin1 } from '../bytes.ts'
import { isOverlayXattr } from '../overlay-marks.ts'
import type { DirectoryNode } from './directory-node.ts'
import type { Settings } from './settings.ts'
import { keptXattrs } from './skipped.ts'

const nanosecondsPerSecond = 1_000_000_000n

/**
 * A time as Node's calls take it, exact: whole seconds. Node turns negative numbers into the present, but leaves Dates as they are; fractions
 * lose nanoseconds.
 */
function wholeSeconds(modified: bigint): number | Date {
  const seconds = Number(modified / nanosecondsPerSecond)
  return seconds < 0 ? new Date(seconds * 1000) : seconds
}

/** Sets a file's times through what Node has, where that is exact, else through the component. */
function setTimes(settings: Settings, name: Uint8Array, path: Buffer, modified: bigint, viaNode: (time: number | Date) => void): void {
  if (modified % nanosecondsPerSecond === 0n) viaNode(wholeSeconds(modified))
  else if (settings.special) settings.special.setTimes(path, modified)
  else {
    settings.skipped.add(name, 'nanoseconds', 'ENOSYS')
    viaNode(new Date(Number(modified / 1_000_000n)))
  }
}

/** Errors of setting an attribute that mean that it can't be had here, as opposed to a failing disk. */
const unavailable: ReadonlySet<string | undefined> = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EACCES', 'EINVAL', 'ERANGE', 'E2BIG'])

function setXattrs(settings: Settings, name: Uint8Array, path: Buffer, xattrs: readonly TarXattr[]): void {
  for (const xattr of xattrs) {
    if (!settings.special) {
      settings.skipped.addXattr(name, xattr.name, 'ENOSYS')
      continue
    }
    try {
      settings.special.setXattr(path, xattr.name, xattr.value)
    } catch (error) {
      const code = systemCodeOf(error)
      if (!unavailable.has(code)) throw error
      settings.skipped.addXattr(name, xattr.name, code ?? '')
    }
  }
}

/** The mode that an entry's file gets. Bits that lend an owner's rights are for the archive's owner only, not for whoever unpacks it. */
export function modeOf(settings: Settings, entry: TarEntry): number {
  return settings.owners === 'caller' ? entry.mode & 0o1777 : entry.mode
}

/** Owner, attributes, mode and times of an open file, in the order in which none undoes another: chown(2) takes capabilities and setuid. */
export function finishFile(
  settings: Settings,
  entry: TarEntry,
  file: { readonly fd: number; readonly path: Buffer; readonly parent: DirectoryNode; readonly createMode: number },
): void {
  const { fd, path } = file
  const owner = file.parent.neededOwner(settings, entry)
  if (owner) fchownSync(fd, owner[0], owner[1])
  if (entry.xattrs.length > 0) setXattrs(settings, entry.name, path, keepXattrs(settings, entry))
  const mode = modeOf(settings, entry)
  if (mode !== (file.createMode & ~settings.umask)) fchmodSync(fd, mode)
  setTimes(settings, entry.name, path, entry.modified, (time) => futimesSync(fd, time, time))
}

/** The same for what can't be opened: symbolic links, devices, FIFOs. */
export function finishSpecial(settings: Settings, entry: TarEntry, path: Buffer, parent: DirectoryNode): void {
  const owner = parent.neededOwner(settings, entry)
  if (owner) lchownSync(path, owner[0], owner[1])
  if (entry.xattrs.length > 0) setXattrs(settings, entry.name, path, keepXattrs(settings, entry))
  if (entry.type !== 'symlink') chmodSync(path, modeOf(settings, entry))
  setTimes(settings, entry.name, path, entry.modified, (time) => lutimesSync(path, time, time))
}

/** An entry's attributes but those that overlay file systems would act on. */
export function keepXattrs(settings: Settings, entry: TarEntry): readonly TarXattr[] {
  return keptXattrs(entry, settings.skipped, () => settings.strippedXattrs++)
}

/** What a directory gets once everything in it is there. */
export interface DirectoryAttributes {
  readonly name: Uint8Array
  readonly mode: number
  readonly owner: readonly [uid: number, gid: number] | undefined
  /** Undefined leaves the time of its making. */
  readonly modified: bigint | undefined
  readonly xattrs: readonly TarXattr[]
}

/** Finishes a directory. One that was there before loses the attributes that it should not have, as if it were new. */
export function finishDirectory(settings: Settings, node: DirectoryNode, path: Buffer, attributes: DirectoryAttributes): void {
  const { name, owner } = attributes
  if (owner) chownSync(path, owner[0], owner[1])
  if (!node.isNew) removeOtherXattrs(settings, name, path, attributes.xattrs)
  setXattrs(settings, name, path, attributes.xattrs)
  chmodSync(path, attributes.mode)
  const { modified } = attributes
  if (modified !== undefined) setTimes(settings, name, path, modified, (time) => lutimesSync(path, time, time))
}

/** Sets back the time of a directory that something was made in, as exactly as can be. */
export function restoreTime({ special }: Settings, path: Buffer, modified: bigint): void {
  if (special) special.setTimes(path, modified)
  else lutimesSync(path, new Date(Number(modified / 1_000_000n)), new Date(Number(modified / 1_000_000n)))
}

function removeOtherXattrs(settings: Settings, name: Uint8Array, path: Buffer, kept: readonly TarXattr[]): void {
  const { special } = settings
  if (!special) return
  const keptNames = new Set(kept.map((xattr) => latin1(xattr.name)))
  for (const xattrName of special.listXattrs(path)) {
    const isOurs = settings.whiteouts === 'overlay' && isOverlayXattr(xattrName)
    if (isOurs || keptNames.has(latin1(xattrName)) || latin1(xattrName) === 'security.selinux') continue
    try {
      special.removeXattr(path, xattrName)
    } catch (error) {
      if (!unavailable.has(systemCodeOf(error))) throw error
      settings.skipped.addXattr(name, xattrName, systemCodeOf(error) ?? '')
    }
  }
}
