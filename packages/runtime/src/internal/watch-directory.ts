import type { Clock } from '@podwright/conventions'
import { type FSWatcher, watch } from 'node:fs'

/** Tells that something changed in a directory, or that it is time to look. */
export interface DirectoryWatch extends Disposable {
  /** A count to hand to `change`: what happens after this call is not missed. */
  seen(): number
  /** Resolves at the first change after `seen`, or after `pollMs`. Rejects with `signal.reason`. */
  change(seen: number, pollMs: number, signal: AbortSignal | undefined): Promise<void>
}

/** Watches by inotify; where there are no instances left, or no directory yet, only the clock tells. */
export function watchDirectory(directory: string, clock: Clock): DirectoryWatch {
  let count = 0
  let wake: (() => void) | undefined
  const watcher = tryWatch(directory, () => {
    count += 1
    wake?.()
  })
  return {
    seen: () => count,
    change: async (seen, pollMs, signal) => {
      signal?.throwIfAborted()
      if (count !== seen) return
      const done = new AbortController()
      const changed = new Promise<void>((resolve) => {
        wake = resolve
      })
      const stop = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal])
      const timer = clock.sleep(pollMs, { signal: stop })
      try {
        await Promise.race([changed, timer])
      } finally {
        wake = undefined
        done.abort()
        timer.catch(() => {})
      }
    },
    [Symbol.dispose]: () => watcher?.close(),
  }
}

function tryWatch(directory: string, listener: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, listener)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return undefined
  }
}
