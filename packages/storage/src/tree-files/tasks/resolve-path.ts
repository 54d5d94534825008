import { type BigIntStats, lstatSync, readlinkSync } from 'node:fs'
import { StorageError } from '../../errors.ts'

/** Links followed before a path is taken for a loop (the kernel's MAXSYMLINKS). */
const mostLinks = 40

/** Where a path leads. Each byte is one character. */
export interface ResolvedPath {
  /** Absolute, without links on the way. */
  readonly path: string
  /** Undefined when nothing is there. */
  readonly stats: BigIntStats | undefined
}

/** Resolves a path of the tree that this process is in, whose root no path leads out of. @throws `ERR_TREE_PATH` for a circle of links */
export function resolvePath(path: string, followLink: boolean): ResolvedPath {
  const text = Buffer.from(path).toString('latin1')
  return resolveLatin1(text, followLink || /(?:^|\/)\.?$/.test(text))
}

function resolveLatin1(text: string, followLink: boolean): ResolvedPath {
  const asksForDirectory = /(?:^|\/)\.?$/.test(text)
  const rest = text.split('/').filter(isName).toReversed()
  const resolved: string[] = []
  let links = 0
  for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
    if (name === '..') {
      resolved.pop()
      continue
    }
    const stats = lookAt([...resolved, name])
    if (stats?.isSymbolicLink() === true && (rest.length > 0 || followLink)) {
      if (++links > mostLinks) throw new StorageError('ERR_TREE_PATH', `cannot follow ${text}: too many symbolic links lie on the way`)
      const target = readlinkSync(bytesOf([...resolved, name]), 'latin1')
      if (target.startsWith('/')) resolved.length = 0
      rest.push(...target.split('/').filter(isName).toReversed())
      continue
    }
    resolved.push(name)
    if (stats === undefined || (!stats.isDirectory() && (rest.length > 0 || asksForDirectory))) {
      return { path: pathOf([...resolved, ...rest.toReversed()]), stats: undefined }
    }
  }
  return { path: pathOf(resolved), stats: lookAt(resolved) }
}

function isName(name: string): boolean {
  return name !== '' && name !== '.'
}

function pathOf(names: readonly string[]): string {
  return `/${names.join('/')}`
}

function bytesOf(names: readonly string[]): Buffer {
  return Buffer.from(pathOf(names), 'latin1')
}

function lookAt(names: readonly string[]): BigIntStats | undefined {
  return lstatSync(bytesOf(names), { bigint: true, throwIfNoEntry: false })
}
