import { isPodwrightError, messageOf, systemCodeOf } from '@podwright/conventions'
import { statfsSync } from 'node:fs'
import { StorageError } from '../errors.ts'
import { readOnly } from './read-only.ts'

const gibibyte = 2 ** 30

/** What shall stay free on the file system of `path`, when nothing is said: the larger of 1 GiB and 5 %. */
export function defaultMinFreeBytes(path: string): number {
  const { blocks, bsize } = statfsSync(path)
  return Math.max(gibibyte, Math.floor((blocks * bsize) / 20))
}

/** Bytes that may still be written to the file system of `path` before less than `minFreeBytes` are left; negative when there are less. */
export function spareBytes(path: string, minFreeBytes: number): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize - minFreeBytes
}

/** @throws `ERR_STORAGE_FULL` unless `neededBytes` can be written with `minFreeBytes` left. */
export function requireSpace(path: string, neededBytes: number, minFreeBytes: number, operation: string): void {
  const spare = spareBytes(path, minFreeBytes)
  if (spare >= neededBytes) return
  const free = Math.max(0, spare + minFreeBytes)
  throw storageFull(
    `cannot ${operation}: it takes ${mebibytes(neededBytes)}, and of the ${mebibytes(free)} free on the file system of ${path}, ${mebibytes(minFreeBytes)} are to be kept`,
  )
}

/** `error` as `ERR_STORAGE_FULL` when a full disk or quota is behind it, as `ERR_STORAGE_READ_ONLY` when one that is read-only is, else as it is. */
export function fullOr(error: unknown, operation: string): unknown {
  if (systemCodeOf(error) === 'EROFS') return readOnly(operation, error)
  if (isPodwrightError(error, 'ERR_STORAGE_FULL')) return error
  return isFull(error) ? storageFull(`cannot ${operation}: ${messageOf(error)}`, error) : error
}

function isFull(error: unknown): boolean {
  if (isPodwrightError(error, 'ERR_ARCHIVE_DISK_LOW') || isPodwrightError(error, 'ERR_DATABASE_FULL')) return true
  const code = systemCodeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return true
  return error instanceof Error && error.cause !== undefined && isFull(error.cause)
}

function storageFull(message: string, cause?: unknown): StorageError {
  return new StorageError('ERR_STORAGE_FULL', message, {
    cause,
    hint: 'Remove images and containers that are no longer needed, or make room on that file system; how much is kept free is set by `minFreeBytes`, or PODWRIGHT_MIN_FREE in the environment of the command.',
  })
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
