import { systemCodeOf } from '@podwright/conventions'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it. Node's own way of doing so says ENOENT for a file system that is read only, and never comes to an end where a directory
 * may not be made at all, as below /proc.
 */
export async function makeDirectory(path: string): Promise<void> {
  const { mkdir } = await import('node:fs/promises')
  try {
    await mkdir(path)
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' && dirname(path) !== path) {
      await makeDirectory(dirname(path))
      await mkdir(path).catch((again: unknown) => (systemCodeOf(again) === 'EEXIST' ? undefined : Promise.reject(again)))
    } else if (code !== 'EEXIST' && code !== 'EISDIR') throw error
  }
}
