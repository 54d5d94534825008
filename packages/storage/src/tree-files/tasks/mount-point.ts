import { systemCodeOf } from '@podwright/conventions'
import type { TreeBind } from '@podwright/contracts'
import { openInRoot } from '@podwright/linux'
import { closeSync, constants, mkdirSync, statSync, writeFileSync } from 'node:fs'

const pathOnly = 0o10000000

/**
 * Opens the place in a tree that something is to be mounted on; links on the way lead to places in the tree. What is missing of it is made, as a runtime does
 * when the container starts.
 *
 * @param root a descriptor of the tree's root
 * @returns a descriptor, which the caller closes; undefined when the place isn't there and is not to be made
 */
export function openMountPoint(root: number, { source, target, missingTarget }: Omit<TreeBind, 'readOnly'>): number | undefined {
  const found = openIfThere(root, target)
  if (found !== undefined || missingTarget === 'skip') return found
  const names = target.split('/').filter((name) => name !== '' && name !== '.')
  const isDirectory = statSync(source).isDirectory()
  for (const [index, name] of names.entries()) {
    const path = `/${names.slice(0, index + 1).join('/')}`
    const there = openIfThere(root, path)
    if (there !== undefined) {
      closeSync(there)
      continue
    }
    const parent = openInRoot(root, `/${names.slice(0, index).join('/')}`, { flags: pathOnly | constants.O_DIRECTORY })
    try {
      const child = `/proc/self/fd/${parent}/${name}`
      if (index < names.length - 1 || isDirectory) mkdirSync(child, { mode: 0o755 })
      else writeFileSync(child, '', { flag: 'wx', mode: 0o644 })
    } finally {
      closeSync(parent)
    }
  }
  return openInRoot(root, target, { flags: pathOnly })
}

function openIfThere(root: number, path: string): number | undefined {
  try {
    return openInRoot(root, path, { flags: pathOnly })
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error
    return undefined
  }
}
