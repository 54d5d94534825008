import type { LogEntry, LogOptions } from '@podwright/contracts'
import { type Clock, messageOf, systemClock } from '@podwright/conventions'
import { dirname } from 'node:path'
import { RuntimeError } from '../errors.ts'
import { type DirectoryWatch, watchDirectory } from '../internal/watch-directory.ts'
import type { LogFile } from './log-file.ts'
import { closeAll, openLogFiles, openNext } from './log-files.ts'
import { tailPosition } from './tail-offset.ts'

/** Options of `readLog`. */
export interface ReadLogOptions extends LogOptions {
  /** With `follow`: whether nothing more will be written. @default never */
  readonly ended?: (() => boolean | Promise<boolean>) | undefined
  /** How often to look at a followed log when the kernel can't tell of changes, and at `ended`. @default 250 */
  readonly pollMs?: number | undefined
  readonly clock?: Clock | undefined
}

/**
 * Reads a log in the k8s-file format (`TIME stdout|stderr P|F TEXT`), oldest line first, over all its files: `NAME.1`, `NAME.2` and so on, then `NAME`. A
 * partial line comes as the pieces that were written, the last with its newline. A log that isn't there is empty. A followed log is followed by name:
 * each file is read to its end, then the one that was begun after it.
 *
 * @throws `ERR_LOG_READ`
 */
export async function* readLog(path: string, options: ReadLogOptions = {}): AsyncIterable<LogEntry> {
  options.signal?.throwIfAborted()
  try {
    // Blocks as far as here: each line that is handed on from one generator to the next costs.
    for await (const lines of options.follow ? followed(path, options) : whole(path, options)) {
      for (const line of lines) {
        options.signal?.throwIfAborted()
        yield line
      }
    }
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new RuntimeError('ERR_LOG_READ', `cannot read the log ${path}: ${messageOf(error)}`, { cause: error, details: { path } })
  }
}

async function* whole(path: string, options: ReadLogOptions): AsyncIterable<readonly LogEntry[]> {
  const files = await openLogFiles(path)
  try {
    for (const file of await seekTail(files, options)) yield* wanted(file, options)
  } finally {
    await closeAll(files)
  }
}

async function* followed(path: string, options: ReadLogOptions): AsyncIterable<readonly LogEntry[]> {
  const { clock = systemClock, until } = options
  using watch = watchDirectory(dirname(path), clock)
  const files = await openLogFiles(path)
  let log: LogFile | undefined = files.at(-1)
  try {
    for (const file of await seekTail(files, options)) if (file !== log) yield* wanted(file, options)
    await closeAll(files.filter((file) => file !== log))
    for (;;) {
      const seen = watch.seen()
      // Asked first: what was written before the end is still read.
      const over = ((await options.ended?.()) ?? false) || (until !== undefined && clock.now() > until.getTime())
      for (;;) {
        const rotated: boolean = log === undefined || (await log.wasRotated(path))
        if (log !== undefined) yield* wanted(log, options)
        if (!rotated) break
        const next: LogFile | undefined = await openNext(path, log)
        if (next === undefined) break
        await log?.[Symbol.asyncDispose]()
        log = next
      }
      if (over) return
      await pause(watch, seen, options)
    }
  } finally {
    await closeAll(log === undefined ? files : [...files, log])
  }
}

async function pause(watch: DirectoryWatch, seen: number, { pollMs = 250, signal }: ReadLogOptions): Promise<void> {
  await watch.change(seen, pollMs, signal)
}

/** Those of the files in which there is something to read, the first of them from where that begins. */
async function seekTail(files: readonly LogFile[], { tail, since }: ReadLogOptions): Promise<readonly LogFile[]> {
  if (tail !== undefined && files.length > 0) {
    const { index, offset } = await tailPosition(
      files.map(({ file }) => file),
      tail,
    )
    files[index]?.seek(offset)
    return files.slice(index)
  }
  if (since === undefined) return files
  const times = await Promise.all(files.map((file) => file.writtenAt()))
  return files.filter((_, index) => index === files.length - 1 || times[index]! >= since.getTime())
}

async function* wanted(log: LogFile, { since, until, signal }: ReadLogOptions): AsyncIterable<readonly LogEntry[]> {
  for await (const lines of log.blocks()) {
    signal?.throwIfAborted()
    const late = until === undefined ? -1 : lines.findIndex((line) => line.time > until)
    const early = late < 0 ? lines : lines.slice(0, late)
    yield since === undefined ? early : early.filter((line) => line.time >= since)
    if (late >= 0) return
  }
}
