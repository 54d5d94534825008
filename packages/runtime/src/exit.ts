import type { AbortOptions, Clock } from '@podwright/conventions'

/** How a container ended. */
export interface ExitRecord {
  /** 128 and the signal's number when it was killed; -1 when nobody knows. */
  readonly exitCode: number
  /** When the monitor noticed, to the millisecond; for an unknown exit, when we did. */
  readonly finishedAt: Date
}

/** Reads the monitor's exit file. Undefined while there is none. */
export function readExit(exitDirectory: string, id: string): Promise<ExitRecord | undefined> {
  throw new Error(`unfinished ${exitDirectory} ${id}`)
}

/** Options of `waitExit`. */
export interface WaitExitOptions extends AbortOptions {
  /** Whether the monitor still lives. When it doesn't, and left no exit file, the exit is unknown. @default always */
  readonly monitorAlive?: (() => boolean | Promise<boolean>) | undefined
  /** Whether the container's process still lives. One whose monitor is gone is waited for. @default never */
  readonly containerAlive?: (() => boolean | Promise<boolean>) | undefined
  /** How often to look when the kernel can't tell of changes, and at the monitor's life. @default 500 */
  readonly pollMs?: number | undefined
  readonly clock?: Clock | undefined
}

/** Waits for the container's end. */
export function waitExit(exitDirectory: string, id: string, options: WaitExitOptions = {}): Promise<ExitRecord> {
  throw new Error(`unfinished ${exitDirectory} ${id} ${String(options)}`)
}
