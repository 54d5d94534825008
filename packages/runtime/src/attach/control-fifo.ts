import type { WindowSize } from '@podwright/contracts'

/** Tells the monitor the terminal's new size. False when the monitor is gone. */
export function resizeTerminal(controlFifo: string, size: WindowSize): Promise<boolean> {
  throw new Error(`unfinished ${controlFifo} ${size.rows}`)
}

/** Has the monitor reopen its log file, after it was renamed. False when the monitor is gone. */
export function reopenLog(controlFifo: string): Promise<boolean> {
  throw new Error(`unfinished ${controlFifo}`)
}
