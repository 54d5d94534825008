import { type AbortOptions, type Clock, systemClock, systemCodeOf } from '@podwright/conventions'
import { closeSync, constants, existsSync, fstatSync, openSync, statSync } from 'node:fs'
import { constants as systemConstants } from 'node:os'
import { LinuxError } from './errors.ts'
import { lastErrno, libcFunction } from './internal/libc.ts'
import { systemError } from './internal/system-error.ts'

/** A held lock. The kernel releases it when the process ends, however it ends. */
export interface FileLock extends AsyncDisposable, Disposable {
  readonly path: string
  /** The descriptor that carries it; closed on release. */
  readonly fd: number
  /** Gives it back; a second call does nothing. */
  release(): void
}

/** How a lock is taken. */
export interface TryLockFileOptions {
  /** Alone, or shared with others that ask for shared. @default true */
  readonly exclusive?: boolean | undefined
  /** Permissions of the lock file when it is made. @default 0o600 */
  readonly mode?: number | undefined
}

/** How a lock is waited for. */
export interface LockFileOptions extends TryLockFileOptions, AbortOptions {
  /** Wait for it. @default true */
  readonly wait?: boolean | undefined
  /** How long at most. @default no limit */
  readonly timeoutMs?: number | undefined
  /** @default the machine's */
  readonly clock?: Clock | undefined
}

const flock = libcFunction('int flock(int fd, int operation)')
const lockShared = 1
const lockExclusive = 2
const lockNonBlocking = 4
const unlock = 8

/** Waits grow from 1 ms to this. */
const longestWaitMs = 50

/**
 * Takes a flock(2) lock on a file, making the file when it is not there; undefined when somebody else holds it. The same lock as
 * `flock -n FILE COMMAND` of util-linux takes.
 *
 * On a file system that is read-only, a file that is there can be locked shared.
 *
 * @throws ERR_FILE_READ_ONLY; an error as `node:fs` throws it when the file can't be opened.
 */
export function tryLockFile(path: string, options: TryLockFileOptions = {}): FileLock | undefined {
  const { exclusive = true, mode = 0o600 } = options
  for (;;) {
    const fd = openLockFile(path, exclusive, mode)
    let held = false
    try {
      if (flock(fd, (exclusive ? lockExclusive : lockShared) | lockNonBlocking) < 0) {
        if (lastErrno() === systemConstants.errno.EAGAIN) return undefined
        throw systemError('flock', path)
      }
      held = isStillThere(fd, path)
    } finally {
      if (!held) closeSync(fd)
    }
    if (held) return fileLock(fd, path)
  }
}

/**
 * Takes a lock as `tryLockFile` does, waiting for it without blocking the thread or the thread pool.
 *
 * @throws ERR_FILE_LOCKED when `wait` is false, or after `timeoutMs`; retryable.
 */
export async function lockFile(path: string, options: LockFileOptions = {}): Promise<FileLock> {
  const { signal, wait = true, timeoutMs, clock = systemClock } = options
  const start = clock.now()
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    signal?.throwIfAborted()
    const lock = tryLockFile(path, options)
    if (lock !== undefined) return lock
    const elapsedMs = clock.now() - start
    if (!wait || (timeoutMs !== undefined && elapsedMs >= timeoutMs)) throw locked(path, wait ? elapsedMs : undefined)
    await clock.sleep(waitMs, { signal })
  }
}

function locked(path: string, elapsedMs: number | undefined): LinuxError {
  const waited = elapsedMs === undefined ? '' : ` after ${elapsedMs} ms`
  return new LinuxError('ERR_FILE_LOCKED', `cannot lock ${path}: another process holds it${waited}`, {
    retryable: true,
    hint: `\`fuser -v ${path}\` shows who holds it.`,
    details: { path },
  })
}

function openLockFile(path: string, exclusive: boolean, mode: number): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT, mode)
  } catch (cause) {
    if (systemCodeOf(cause) !== 'EROFS') throw cause
    // Whoever locks it alone wants to change something.
    if (!exclusive && existsSync(path)) return openSync(path, constants.O_RDONLY)
    throw new LinuxError('ERR_FILE_READ_ONLY', `cannot lock ${path}: its file system is read-only`, {
      cause,
      hint: 'Mount it for writing.',
      details: { path },
    })
  }
}

/** A lock on a file that was deleted or replaced meanwhile locks nothing that others see. */
function isStillThere(fd: number, path: string): boolean {
  const named = statSync(path, { throwIfNoEntry: false })
  const held = fstatSync(fd)
  return named !== undefined && named.ino === held.ino && named.dev === held.dev
}

function fileLock(fd: number, path: string): FileLock {
  let open = true
  const release = (): void => {
    if (!open) return
    open = false
    // Closing alone would leave the lock to a child between fork and exec.
    flock(fd, unlock)
    closeSync(fd)
  }
  return {
    path,
    fd,
    release,
    [Symbol.dispose]: release,
    [Symbol.asyncDispose]: () => {
      release()
      return Promise.resolve()
    },
  }
}
