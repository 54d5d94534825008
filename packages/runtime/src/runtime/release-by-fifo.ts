import { systemCodeOf } from '@podwright/conventions'
import { closeSync, constants, fstatSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Lets a container that crun has created go, without running crun for it. Its init waits for one byte in a FIFO of the state directory; `crun start` takes the
 * FIFO's name away, by which the container counts as started from then on, and writes that byte. It does so in every version since the first.
 *
 * A container with hooks is left to crun, which runs those for its start afterwards.
 *
 * @param directory crun's state of the container
 * @returns whether it was let go; when not, nothing was changed
 */
export function releaseByFifo(directory: string): boolean {
  const path = join(directory, 'exec.fifo')
  let fifo: number | undefined
  try {
    if (readFileSync(join(directory, 'config.json')).includes('"hooks"')) return false
    // Without O_NONBLOCK, a FIFO that nobody waits at would be waited for; with it, it can't be opened.
    fifo = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    if (!fstatSync(fifo).isFIFO()) return false
    unlinkSync(path)
    writeSync(fifo, '\0')
    return true
  } catch (error) {
    if (['ENOENT', 'ENXIO', 'EACCES'].includes(systemCodeOf(error) ?? '')) return false
    throw error
  } finally {
    if (fifo !== undefined) closeSync(fifo)
  }
}
