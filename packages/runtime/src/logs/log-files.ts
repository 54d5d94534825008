import { systemCodeOf } from '@podwright/conventions'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { LogFile } from './log-file.ts'

/** How often a list is made anew that a rotation has got in the way of. */
const mostTries = 100

/** The numbers of a log's files that have been put aside, or are about to be written: `NAME.1`, `NAME.2`; the higher the newer. */
export async function logNumbers(path: string): Promise<number[]> {
  const start = `${basename(path)}.`
  const names = await readdir(dirname(path)).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  })
  return names
    .filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length))
    .filter((number) => /^[1-9]\d{0,14}$/.test(number))
    .map(Number)
    .toSorted((one, other) => one - other)
}

/**
 * Opens the files of a log, the oldest first. The last is the one that is written now, under the log's own name; it may have a number by then, and one
 * with a higher number is prepared for the next rotation, and empty: that is left out.
 */
export async function openLogFiles(path: string): Promise<LogFile[]> {
  for (let tries = 0; ; tries++) {
    const files = await tryOpen(path)
    if (files !== undefined) return files
    if (tries === mostTries) throw new Error('it is rotated faster than its files can be opened')
  }
}

/** Undefined when a rotation came in between. */
async function tryOpen(path: string): Promise<LogFile[] | undefined> {
  // First: whatever gets a number after this is newer.
  const newest = await LogFile.open(path)
  const found: LogFile[] = []
  for (const number of await logNumbers(path)) {
    const file = await LogFile.open(`${path}.${number}`)
    // The oldest may have gone just now.
    if (file === undefined) continue
    if (file.inode === newest?.inode) {
      await file[Symbol.asyncDispose]()
      return [...found, newest]
    }
    found.push(file)
  }
  if (newest !== undefined) found.push(newest)
  if ((await inodeOf(path)) === newest?.inode) return found
  await closeAll(found)
  return undefined
}

/** Opens what was begun after a file of the log, or the oldest; undefined when there is nothing yet. */
export async function openNext(path: string, before: LogFile | undefined): Promise<LogFile | undefined> {
  for (let tries = 0; ; tries++) {
    const next = await tryNext(path, before?.inode)
    if (next !== 'again') return next
    if (tries === mostTries) throw new Error('it is rotated faster than its files can be opened')
  }
}

/** Looks at the newest files alone, down to the one of before: there may be many. */
async function tryNext(path: string, before: number | undefined): Promise<LogFile | undefined | 'again'> {
  const newest = await inodeOf(path)
  if (newest !== undefined && newest === before) return undefined
  let next = newest === undefined ? undefined : { path, inode: newest }
  for (const number of (await logNumbers(path)).toReversed()) {
    const numbered = `${path}.${number}`
    const inode = await inodeOf(numbered)
    // The oldest may have gone just now.
    if (inode === undefined) continue
    if (inode === before) break
    // What has a higher number than the newest is prepared, and empty.
    next = inode === newest ? { path, inode } : { path: numbered, inode }
  }
  const file = next && (await LogFile.open(next.path))
  if (file?.inode === next?.inode && (await inodeOf(path)) === newest) return file
  await file?.[Symbol.asyncDispose]()
  return 'again'
}

/** Gives files back. */
export async function closeAll(files: readonly LogFile[]): Promise<void> {
  for (const file of files) await file[Symbol.asyncDispose]()
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
