import type { WindowSize } from '@podwright/contracts'
import { systemCodeOf } from '@podwright/conventions'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Tells the monitor the terminal's new size. False when the monitor is gone. */
export function resizeTerminal(controlFifo: string, size: WindowSize): Promise<boolean> {
  return command(controlFifo, `1 ${size.rows} ${size.columns}\n`)
}

/** Has the monitor reopen its log file, after it was renamed. False when the monitor is gone. */
export function reopenLog(controlFifo: string): Promise<boolean> {
  return command(controlFifo, '2 0 0\n')
}

/** Without O_NONBLOCK, opening a FIFO that nobody reads would wait for ever. */
async function command(controlFifo: string, text: string): Promise<boolean> {
  try {
    await using fifo = await open(controlFifo, constants.O_WRONLY | constants.O_NONBLOCK)
    await fifo.write(text)
    return true
  } catch (error) {
    if (['ENXIO', 'ENOENT', 'EPIPE'].includes(systemCodeOf(error) ?? '')) return false
    throw error
  }
}
