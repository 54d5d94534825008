import { systemCodeOf } from '@podwright/conventions'
import type { ImageIndex } from '@podwright/oci'
import { directoryTree } from '../files/directory-tree.ts'
import { layoutInvalid, readLayoutIndex } from './layout-files.ts'

/** Makes a directory a layout. */
const layoutFile = 'oci-layout'

/** What of a layout is ours alone: locks, and blobs that aren't whole. Readers of layouts pass it over. */
export const workDirectory = '.podwright'

/**
 * The index.json of a directory that is, or may become, a layout.
 *
 * @returns undefined when there is none yet: the directory isn't there, or is empty
 * @throws DistributionError `ERR_LAYOUT_INVALID` for one that holds something else
 */
export async function requireLayout(directory: string): Promise<ImageIndex | undefined> {
  const tree = directoryTree(directory)
  const index = await readLayoutIndex(tree)
  if (index !== undefined) return index
  const { readdir } = await import('node:fs/promises')
  const files: readonly string[] = await readdir(directory).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw layoutInvalid(tree, 'it is no directory that can be read', error)
  })
  if (files.every((file) => file === workDirectory)) return undefined
  // Another writer has just made it one: oci-layout is its first file.
  if (files.includes(layoutFile)) return requireLayout(directory)
  throw layoutInvalid(tree, 'it has files, but no oci-layout among them')
}
