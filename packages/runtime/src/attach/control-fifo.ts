import type { WindowSize } from '@podwright/contracts'
import { systemCodeOf } from '@podwright/conventions'
import { closeSync, constants, openSync, writeSync } from 'node:fs'

/** Tells the monitor the terminal's new size. False when the monitor is gone. */
export function resizeTerminal(controlFifo: string, size: WindowSize): boolean {
  return command(controlFifo, `1 ${size.rows} ${size.columns}\n`)
}

/** Has the monitor reopen its log file, after it was renamed. False when the monitor is gone. */
export function reopenLog(controlFifo: string): boolean {
  return command(controlFifo, '2 0 0\n')
}

/** Without O_NONBLOCK, opening a FIFO that nobody reads would wait for ever. */
function command(controlFifo: string, text: string): boolean {
  let fifo: number | undefined
  try {
    fifo = openSync(controlFifo, constants.O_WRONLY | constants.O_NONBLOCK)
    writeSync(fifo, text)
    return true
  } catch (error) {
    if (['ENXIO', 'ENOENT', 'EPIPE'].includes(systemCodeOf(error) ?? '')) return false
    throw error
  } finally {
    if (fifo !== undefined) closeSync(fifo)
  }
}
