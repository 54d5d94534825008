import { type AbortOptions, type Clock, systemClock, systemCodeOf } from '@podwright/conventions'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { watchDirectory } from './internal/watch-directory.ts'

/** How a container ended. */
export interface ExitRecord {
  /** 128 and the signal's number when it was killed; -1 when nobody knows. */
  readonly exitCode: number
  /** When the monitor noticed, to the millisecond; for an unknown exit, when we did. */
  readonly finishedAt: Date
}

/** What nobody wrote down. */
const unknownExit = -1

/** Reads the monitor's exit file. Undefined while there is none. */
export function readExit(exitDirectory: string, id: string): ExitRecord | undefined {
  const path = join(exitDirectory, id)
  try {
    const text = readFileSync(path, 'utf8')
    const { mtime } = statSync(path)
    // conmon renames the file into place, whole. An empty one was cut short by a full disk or a lost machine.
    return { exitCode: /^-?\d+\s*$/.test(text) ? Number(text) : unknownExit, finishedAt: mtime }
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
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

/**
 * Waits for the container's end. The directory is watched; every `pollMs` it is looked at all the same, and at whether anybody is left who
 * could write the file.
 */
export async function waitExit(exitDirectory: string, id: string, options: WaitExitOptions = {}): Promise<ExitRecord> {
  const { signal, pollMs = 500, clock = systemClock } = options
  signal?.throwIfAborted()
  // The watch begins before the first look, so that nothing falls between the two.
  using watch = watchDirectory(exitDirectory, clock)
  for (;;) {
    const seen = watch.seen()
    const exit = readExit(exitDirectory, id) ?? (await abandoned(exitDirectory, id, options, clock))
    if (exit !== undefined) return exit
    await watch.change(seen, pollMs, signal)
  }
}

/** The file may have been written between the look at it and the monitor's end. */
async function abandoned(directory: string, id: string, options: WaitExitOptions, clock: Clock): Promise<ExitRecord | undefined> {
  if ((await options.monitorAlive?.()) ?? true) return undefined
  const late = readExit(directory, id)
  if (late !== undefined || (await options.containerAlive?.())) return late
  return { exitCode: unknownExit, finishedAt: new Date(clock.now()) }
}
