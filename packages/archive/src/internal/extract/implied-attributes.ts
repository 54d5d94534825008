import { lstatSync, type BigIntStats } from 'node:fs'
import type { TarEntry, TarXattr } from '../../entry.ts'
import { fromLatin1 } from '../bytes.ts'
import { isOverlayXattr } from '../overlay-marks.ts'
import type { DirectoryAttributes } from './attributes.ts'
import { ownerOf, type Settings } from './settings.ts'

const defaultMode = 0o755

/** What a directory gets that the archive implies but does not have: the attributes that it has in the layers below. */
export function impliedAttributes(settings: Settings, path: string, entry: TarEntry): DirectoryAttributes {
  const name = fromLatin1(path)
  for (const prefix of settings.lowerPrefixes) {
    const found = lowerDirectory(prefix, path)
    if (found === 'hidden') break
    if (!found) continue
    const owner = settings.owners === 'caller' ? settings.callerOwner : ([Number(found.uid), Number(found.gid)] as const)
    const xattrs = readXattrs(settings, fromLatin1(prefix + path))
    return { name, mode: Number(found.mode) & 0o7777, owner, modified: found.mtimeNs, xattrs }
  }
  return { name, mode: defaultMode, owner: ownerOf(settings, { ...entry, uid: 0, gid: 0 }), modified: undefined, xattrs: [] }
}

/** Looks at each directory on the way, since a symbolic link of a layer must not lead out of it. */
function lowerDirectory(prefix: string, path: string): BigIntStats | 'hidden' | undefined {
  let stats: BigIntStats | undefined
  for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
    const part = end < 0 ? path : path.slice(0, end)
    stats = lstatSync(fromLatin1(prefix + part), { bigint: true, throwIfNoEntry: false })
    if (!stats) return undefined
    if (!stats.isDirectory()) return 'hidden'
    if (end < 0) return stats
  }
}

function readXattrs({ special }: Settings, path: Buffer): readonly TarXattr[] {
  if (!special) return []
  return special
    .listXattrs(path)
    .filter((name) => !isOverlayXattr(name))
    .map((name) => ({ name, value: special.getXattr(path, name) ?? new Uint8Array(0) }))
}
