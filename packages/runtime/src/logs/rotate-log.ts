import { unreadBytes } from '@podwright/linux'
import { systemCodeOf } from '@podwright/conventions'
import { closeSync, linkSync, openSync, readdirSync, rmSync, type Stats, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { reopenLog } from '../attach/control-fifo.ts'

/** A log, and when it is rotated. */
export interface RotatedLog {
  /** Of the file that is written now. Those put aside are `PATH.1`, `PATH.2` and so on, the higher the newer. */
  readonly path: string
  /** Takes the word for its monitor to begin a new file. */
  readonly controlFifo: string
  readonly maximumBytes: number
  /** The one that is written now among them. */
  readonly maximumFiles: number
}

/** What a look at a log has found or done. `asked`: its monitor is to begin a new file; `waiting`: it was asked and has not done so yet. */
export type RotationStep = 'small' | 'asked' | 'waiting' | 'ended'

/** What somebody before us has asked of the monitor is done by then, or was never said. */
const patienceMs = 1_000

/**
 * Looks at a log whose monitor writes, and rotates it when it is due. To be called by one process at a time, which may be killed at any moment.
 *
 * conmon begins a new file by opening `PATH.tmp` and renaming it to PATH, over what is there. So the file there gets a number first, and so does an empty
 * `PATH.tmp`, which is a link, too: whatever conmon writes has a number by the time that it is replaced, even when it is told twice. A word is only said
 * while no other is on its way.
 *
 * @param now milliseconds since the epoch
 * @throws a system error
 */
export function rotateLog(log: RotatedLog, now: number): RotationStep {
  const { path, maximumBytes } = log
  const prepared = statIfThere(preparedPath(path))
  if (prepared !== undefined) return askAgain(log, prepared, now)
  // After that, or it might have been replaced in between.
  const current = statIfThere(path)
  if (current === undefined) return 'small'
  const files = numberedFiles(path)
  removeOldest(log, files, current)
  if (current.size < maximumBytes) return 'small'
  return begin(log, files, current) ? ask(log) : 'waiting'
}

/** Where conmon makes a new file. */
function preparedPath(path: string): string {
  return `${path}.tmp`
}

function ask({ path, controlFifo }: RotatedLog): RotationStep {
  if (reopenLog(controlFifo)) return 'asked'
  rmSync(preparedPath(path), { force: true })
  return 'ended'
}

/** A new file is prepared, and not taken yet. */
function askAgain(log: RotatedLog, prepared: Stats, now: number): RotationStep {
  // Far below 0, the clock was set back.
  if (Math.abs(now - prepared.ctimeMs) < patienceMs || isTold(log)) return 'waiting'
  // Whoever prepared it was killed before a word was said; the file that is written now has its number.
  return statIfThere(preparedPath(log.path)) === undefined ? 'waiting' : ask(log)
}

/** Whether a word is on its way to the monitor. */
function isTold({ controlFifo }: RotatedLog): boolean {
  try {
    return unreadBytes(controlFifo) > 0
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false
    throw error
  }
}

/** Gives numbers to what is written now and to what will be. False when the first has been replaced meanwhile. */
function begin(log: RotatedLog, files: readonly NumberedFile[], current: Stats): boolean {
  if (isTold(log)) return false
  const { path } = log
  let last = files.at(-1)?.number ?? 0
  if (!files.some(({ inode }) => inode === current.ino)) linkSync(path, `${path}.${++last}`)
  const next = `${path}.${last + 1}`
  closeSync(openSync(next, 'wx', 0o600))
  linkSync(next, preparedPath(path))
  if (statIfThere(path)?.ino === current.ino) return true
  // A word from before us came in between, and what is written now has no number yet.
  rmSync(preparedPath(path), { force: true })
  return false
}

/** A file that has been put aside, is written, or will be. */
interface NumberedFile {
  readonly number: number
  readonly inode: number
  readonly sizeBytes: number
}

/** The oldest first. */
function numberedFiles(path: string): readonly NumberedFile[] {
  const start = `${basename(path)}.`
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(start) && /^[1-9]\d{0,14}$/.test(name.slice(start.length)))
    .map((name) => Number(name.slice(start.length)))
    .toSorted((one, other) => one - other)
    .flatMap((number) => {
      const found = statIfThere(`${path}.${number}`)
      return found === undefined ? [] : [{ number, inode: found.ino, sizeBytes: found.size }]
    })
}

/** Also those that were prepared and never written. */
function removeOldest({ path, maximumFiles }: RotatedLog, files: readonly NumberedFile[], current: Stats): void {
  const others = files.filter(({ inode }) => inode !== current.ino)
  const written = others.filter(({ sizeBytes }) => sizeBytes > 0)
  const kept = new Set(maximumFiles > 1 ? written.slice(1 - maximumFiles) : [])
  for (const file of others) if (!kept.has(file)) rmSync(`${path}.${file.number}`, { force: true })
}

function statIfThere(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}
