import { type FSWatcher, watch } from 'node:fs'

/** Sleeps until a directory changes, somebody calls, or the time is over. */
export interface WakeUp extends Disposable {
  /** Watches these paths, and no others any more; whether all of them could be. */
  watch(paths: ReadonlySet<string>): boolean
  /** Ends a sleep, or the next one. */
  call(): void
  sleep(milliseconds: number): Promise<void>
}

/** Watches by inotify, of which one instance serves all paths. Where there is none left, the time alone wakes. */
export function wakeUp(): WakeUp {
  const watchers = new Map<string, FSWatcher>()
  let called = false
  let wake: (() => void) | undefined
  const call = (): void => {
    called = true
    wake?.()
  }
  const drop = (path: string): void => {
    watchers.get(path)?.close()
    watchers.delete(path)
  }
  return {
    call,
    watch(paths) {
      for (const path of watchers.keys()) if (!paths.has(path)) drop(path)
      for (const path of paths) {
        if (watchers.has(path)) continue
        const watcher = tryWatch(path, call)
        if (watcher === undefined) continue
        watcher.on('error', () => drop(path))
        watchers.set(path, watcher)
        // It may have changed before it was watched.
        call()
      }
      return watchers.size === paths.size
    },
    async sleep(milliseconds) {
      if (!called) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      called = false
      wake = undefined
    },
    [Symbol.dispose]: () => {
      for (const path of watchers.keys()) drop(path)
    },
  }
}

function tryWatch(path: string, listener: () => void): FSWatcher | undefined {
  try {
    return watch(path, listener)
  } catch {
    return undefined
  }
}
