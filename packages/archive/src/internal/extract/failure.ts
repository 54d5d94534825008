import { isPodwrightError, messageOf, systemCodeOf } from '@podwright/conventions'
import { ArchiveError, type ArchiveErrorCode } from '../../errors.ts'
import { quoteBytes } from '../bytes.ts'

/** What an error is about: an entry, or a directory that one implied. */
export interface Subject {
  readonly name: Uint8Array
  readonly uid?: number
  readonly gid?: number
}

/** An error about an entry: `extract 'etc/passwd': reason`. */
export function entryError(
  code: ArchiveErrorCode,
  entry: Subject,
  reason: string,
  options: { readonly cause?: unknown; readonly hint?: string } = {},
): ArchiveError {
  return new ArchiveError(code, `extract ${quoteBytes(entry.name)}: ${reason}`, {
    ...options,
    details: { name: Buffer.from(entry.name).toString('latin1') },
  })
}

/** What is there is of another kind, and may not be replaced. */
export function conflict(entry: Subject, reason: string): ArchiveError {
  return entryError('ERR_ARCHIVE_CONFLICT', entry, reason)
}

/** The file system's refusal to write an entry, as an error with a code. Errors that have one pass. */
export function writeFailure(error: unknown, entry: Subject): unknown {
  const systemCode = systemCodeOf(error)
  if (isPodwrightError(error) || systemCode === undefined) return error
  if (systemCode === 'ENOSPC' || systemCode === 'EDQUOT') {
    return entryError('ERR_ARCHIVE_DISK_LOW', entry, 'the disk is full', { cause: error, hint: 'Free some space, or use another disk.' })
  }
  if (isOwnerFailure(error, systemCode)) {
    return entryError('ERR_ARCHIVE_OWNER', entry, `it can't belong to ${entry.uid ?? '?'}:${entry.gid ?? '?'} here (${systemCode})`, {
      cause: error,
      hint: 'The ids of the archive must be mapped in this user namespace: give the user a larger range in /etc/subuid and /etc/subgid.',
    })
  }
  return entryError('ERR_ARCHIVE_WRITE', entry, messageOf(error), { cause: error })
}

function isOwnerFailure(error: unknown, systemCode: string): boolean {
  const { syscall } = error as { syscall?: unknown }
  return typeof syscall === 'string' && syscall.endsWith('chown') && (systemCode === 'EINVAL' || systemCode === 'EPERM')
}
