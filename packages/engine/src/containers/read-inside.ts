import { openInRoot } from '@podwright/linux'
import { closeSync, constants, fstatSync, readFileSync } from 'node:fs'

/** A file as a running container has it now; its links lead to places inside. Empty when there is none, or it is no plain file. */
export function readInside(pid: number, path: string): string {
  let descriptor: number | undefined
  try {
    // A FIFO would be waited for.
    descriptor = openInRoot(`/proc/${pid}/root`, path, { flags: constants.O_RDONLY | constants.O_NONBLOCK })
    return fstatSync(descriptor).isFile() ? readFileSync(descriptor, 'utf8') : ''
  } catch {
    return ''
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
