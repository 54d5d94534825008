import { isPodwrightError, messageOf, systemCodeOf } from '@podwright/conventions'
import { StorageError } from '../errors.ts'

/** `error` as `ERR_STORAGE_READ_ONLY` when a file system without writing is behind it, else as it is. */
export function readOnlyOr(error: unknown, root: string): unknown {
  if (systemCodeOf(error) !== 'EROFS') return error
  return new StorageError(
    'ERR_STORAGE_READ_ONLY',
    `cannot write to the storage ${root}: its file system is read-only (${messageOf(error)})`,
    {
      cause: error,
      hint: 'Mount it for writing; images and containers can be looked at meanwhile.',
      details: { root },
    },
  )
}

/** Whether it was tried to write where nothing can be written. */
export function isReadOnly(error: unknown): boolean {
  return isPodwrightError(error, 'ERR_STORAGE_READ_ONLY')
}
