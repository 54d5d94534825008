import { messageOf, systemCodeOf } from '@podwright/conventions'
import { ArchiveError } from '../../errors.ts'
import { quoteBytes } from '../bytes.ts'

/** Does it; a refusal of the file system gets a code. */
export function readFailure<Result>(path: Buffer, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error
    throw new ArchiveError('ERR_ARCHIVE_READ', `pack ${quoteBytes(path)}: ${messageOf(error)}`, { cause: error })
  }
}
