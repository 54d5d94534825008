import { isPodwrightError, messageOf, systemCodeOf } from '@podwright/conventions'
import { StorageError } from '../errors.ts'

/** That something can't be done, since nothing can be written. */
export function readOnly(operation: string, cause: unknown): StorageError {
  return new StorageError('ERR_STORAGE_READ_ONLY', `cannot ${operation}: ${messageOf(cause)}`, {
    cause,
    hint: 'Its file system is read-only: mount it for writing. Images and containers can be looked at meanwhile.',
  })
}

/** `error` as `ERR_STORAGE_READ_ONLY` when a file system without writing is behind it, else as it is. */
export function readOnlyOr(error: unknown, root: string): unknown {
  const isBehind = systemCodeOf(error) === 'EROFS' || isPodwrightError(error, 'ERR_FILE_READ_ONLY')
  return isBehind ? readOnly(`write to the storage ${root}`, error) : error
}

/** Whether it was tried to write where nothing can be written. */
export function isReadOnly(error: unknown): boolean {
  return isPodwrightError(error, 'ERR_STORAGE_READ_ONLY')
}
