import type { LogEntry, LogOptions } from '@podwright/contracts'
import type { Clock } from '@podwright/conventions'

/** Options of `readLog`. */
export interface ReadLogOptions extends LogOptions {
  /** With `follow`: whether nothing more will be written. @default never */
  readonly ended?: (() => boolean | Promise<boolean>) | undefined
  /** How often to look at a followed log when the kernel can't tell of changes. @default 250 */
  readonly pollMs?: number | undefined
  readonly clock?: Clock | undefined
}

/**
 * Reads a log in the k8s-file format (`TIME stdout|stderr P|F TEXT`), oldest line first. A partial line comes as the pieces that were
 * written, the last with its newline. A log that isn't there is empty.
 */
export function readLog(path: string, options: ReadLogOptions = {}): AsyncIterable<LogEntry> {
  throw new Error(`unfinished ${path} ${String(options)}`)
}
