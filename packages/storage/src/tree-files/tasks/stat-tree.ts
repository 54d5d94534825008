import type { BigIntStats } from 'node:fs'
import type { StatTreeArgs, WireTreePath } from '../tasks.ts'
import { enteredTree } from './entered-tree.ts'
import { resolvePath } from './resolve-path.ts'

/** The handler of `storage.treeStat`. */
export function statTree({ path, followLink }: StatTreeArgs): WireTreePath | null {
  enteredTree()
  const { path: found, stats } = resolvePath(path, followLink)
  if (stats === undefined) return null
  return {
    path: textOf(found),
    type: typeOf(stats),
    mode: Number(stats.mode),
    sizeBytes: Number(stats.size),
    modifiedMs: Number(stats.mtimeMs),
    ...(stats.isSymbolicLink() && { linkTarget: textOf(resolvePath(path, true).path) }),
  }
}

function typeOf(stats: BigIntStats): WireTreePath['type'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  return stats.isSymbolicLink() ? 'symlink' : 'other'
}

function textOf(path: string): string {
  return Buffer.from(path, 'latin1').toString()
}
