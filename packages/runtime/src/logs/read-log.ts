import type { LogEntry, LogOptions } from '@podwright/contracts'
import { type Clock, messageOf, systemClock } from '@podwright/conventions'
import { dirname } from 'node:path'
import { RuntimeError } from '../errors.ts'
import { type DirectoryWatch, watchDirectory } from '../internal/watch-directory.ts'
import { LogFile } from './log-file.ts'
import { tailOffset } from './tail-offset.ts'

/** Options of `readLog`. */
export interface ReadLogOptions extends LogOptions {
  /** With `follow`: whether nothing more will be written. @default never */
  readonly ended?: (() => boolean | Promise<boolean>) | undefined
  /** How often to look at a followed log when the kernel can't tell of changes, and at `ended`. @default 250 */
  readonly pollMs?: number | undefined
  readonly clock?: Clock | undefined
}

/**
 * Reads a log in the k8s-file format (`TIME stdout|stderr P|F TEXT`), oldest line first. A partial line comes as the pieces that were
 * written, the last with its newline. A log that isn't there is empty. A followed log is followed by name: one that was renamed is read to
 * its end, then the new one from its beginning.
 *
 * @throws `ERR_LOG_READ`
 */
export async function* readLog(path: string, options: ReadLogOptions = {}): AsyncIterable<LogEntry> {
  options.signal?.throwIfAborted()
  try {
    yield* options.follow ? followed(path, options) : whole(path, options)
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new RuntimeError('ERR_LOG_READ', `cannot read the log ${path}: ${messageOf(error)}`, { cause: error, details: { path } })
  }
}

async function* whole(path: string, options: ReadLogOptions): AsyncIterable<LogEntry> {
  await using log = await LogFile.open(path)
  if (log === undefined) return
  await seekTail(log, options)
  yield* wanted(log, options)
}

async function* followed(path: string, options: ReadLogOptions): AsyncIterable<LogEntry> {
  const { clock = systemClock, until } = options
  using watch = watchDirectory(dirname(path), clock)
  let log = await LogFile.open(path)
  try {
    if (log !== undefined) await seekTail(log, options)
    for (;;) {
      const seen = watch.seen()
      // Asked first: what was written before the end is still read.
      const over = ((await options.ended?.()) ?? false) || (until !== undefined && clock.now() > until.getTime())
      const rotated: boolean = log === undefined || (await log.wasRotated())
      if (log !== undefined) yield* wanted(log, options)
      if (rotated) log = await reopened(log, path)
      if (rotated && log !== undefined) yield* wanted(log, options)
      if (over) return
      await pause(watch, seen, options)
    }
  } finally {
    await log?.file.close()
  }
}

/** The file that took the place of the old one; the old one while there is none. */
async function reopened(log: LogFile | undefined, path: string): Promise<LogFile | undefined> {
  const next = await LogFile.open(path)
  if (next !== undefined) await log?.file.close()
  return next ?? log
}

async function pause(watch: DirectoryWatch, seen: number, { pollMs = 250, signal }: ReadLogOptions): Promise<void> {
  await watch.change(seen, pollMs, signal)
}

async function seekTail(log: LogFile, { tail }: ReadLogOptions): Promise<void> {
  if (tail === undefined) return
  const { size } = await log.file.stat()
  log.seek(await tailOffset(log.file, size, tail))
}

async function* wanted(log: LogFile, { since, until, signal }: ReadLogOptions): AsyncIterable<LogEntry> {
  for await (const line of log.lines()) {
    signal?.throwIfAborted()
    if (since !== undefined && line.time < since) continue
    if (until !== undefined && line.time > until) return
    yield line
  }
}
