import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { systemCodeOf } from '@podwright/conventions'

const slash = Buffer.from('/')

/** Deletes whatever is at `path`, never through a symbolic link. Node's own rmSync can't be given names that are no UTF-8. */
export function removeTree(path: Buffer): void {
  try {
    unlinkSync(path)
  } catch (error) {
    const code = systemCodeOf(error)
    // EISDIR on Linux, EPERM elsewhere (POSIX.1-2017, unlink); EPERM also for what is not ours to delete.
    if (code !== 'EISDIR' && !(code === 'EPERM' && lstatSync(path).isDirectory())) throw error
    removeDirectory(path)
  }
}

function removeDirectory(path: Buffer): void {
  for (const item of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
    const child = Buffer.concat([path, slash, item.name])
    if (item.isDirectory()) removeDirectory(child)
    else unlinkSync(child)
  }
  rmdirSync(path)
}
