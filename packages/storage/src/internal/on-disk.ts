import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from './store.ts'

/** Whether what was last changed at that time may go. What seems to come from the future (the clock was set back) may not. */
export type IsOld = (timeMs: number) => boolean

/** Absolute paths of what a directory of the storage has. */
export function list(store: Store, directory: string): string[] {
  const path = join(store.paths.root, directory)
  return readdirSync(path).map((name) => join(path, name))
}

/** When it was made or last changed, in whole milliseconds as clocks count them; far in the future when it is gone meanwhile. */
export function changedMs(path: string): number {
  const { mtimeMs = Number.MAX_SAFE_INTEGER } = lstatSync(path, { throwIfNoEntry: false }) ?? {}
  return Math.trunc(mtimeMs)
}
