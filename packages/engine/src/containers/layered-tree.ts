import { systemCodeOf } from '@podwright/conventions'
import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'

/** Links followed before a path is taken for a loop (the kernel's MAXSYMLINKS). */
const mostLinks = 40

/** Tells whether a directory hides what lies below it: `trusted.overlay.opaque` or `user.overlay.opaque` is `y`. */
export type IsOpaque = (directory: string) => boolean

/**
 * Reads a file of a stack of overlay directories, topmost first, as it would be seen once they are mounted: whiteouts hide, symbolic links
 * lead to places inside. Costs a few lstat calls and no mount.
 *
 * @returns undefined when there is no such regular file, or when it can't be read from outside.
 */
export function readLayeredFile(layers: readonly string[], path: string, isOpaque: IsOpaque): string | undefined {
  const found = layeredFile(layers, path, isOpaque)
  return found === undefined ? undefined : readText(found)
}

/** Where the regular file is that a path leads to; undefined when there is none, or it can't be looked up from outside. */
export function layeredFile(layers: readonly string[], path: string, isOpaque: IsOpaque): string | undefined {
  let components = path.split('/').filter(Boolean)
  let resolved: string[] = []
  for (let links = 0; ;) {
    const next = components.shift()
    if (next === undefined) return undefined
    if (next === '.') continue
    if (next === '..') {
      resolved = resolved.slice(0, -1)
      continue
    }
    const found = lookUp(layers, [...resolved, next], isOpaque)
    if (found === undefined) return undefined
    if (found.stats.isSymbolicLink()) {
      if (++links > mostLinks) return undefined
      const target = readlinkSync(found.path)
      if (target.startsWith('/')) resolved = []
      components = [...target.split('/').filter(Boolean), ...components]
    } else if (components.length > 0) {
      if (!found.stats.isDirectory()) return undefined
      resolved.push(next)
    } else {
      return found.stats.isFile() ? found.path : undefined
    }
  }
}

/** The topmost thing at a path whose parents are real directories; undefined when a whiteout or an opaque parent hides it. */
function lookUp(layers: readonly string[], components: readonly string[], isOpaque: IsOpaque): { path: string; stats: Stats } | undefined {
  for (const [depth, layer] of layers.entries()) {
    let path = layer
    for (const [index, component] of components.entries()) {
      path = join(path, component)
      const stats = statOrNothing(path)
      if (stats === undefined) break
      if (isWhiteout(stats)) return undefined
      if (index === components.length - 1) return { path, stats }
      if (!stats.isDirectory()) return undefined
    }
    if (depth < layers.length - 1 && hidesBelow(layer, components, isOpaque)) return undefined
  }
  return undefined
}

/** Whether one of the parents, as this layer has it, hides the layers below. */
function hidesBelow(layer: string, components: readonly string[], isOpaque: IsOpaque): boolean {
  let path = layer
  for (const component of components.slice(0, -1)) {
    path = join(path, component)
    if (statOrNothing(path)?.isDirectory() !== true) return false
    if (isOpaque(path)) return true
  }
  return false
}

function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0
}

function statOrNothing(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if (systemCodeOf(error) === 'EACCES' || systemCodeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'EACCES') return undefined
    throw error
  }
}
