import { messageOf, systemCodeOf } from '@podwright/conventions'
import { DistributionError } from '../../errors.ts'

const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** Runs what writes, and says of a failure of the file system what it was that could not be written. */
export async function writing<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw writeFailure(place, error)
  }
}

/** Errors that aren't the system's are returned as they are. */
export function writeFailure(place: string, error: unknown): unknown {
  const systemCode = systemCodeOf(error)
  if (systemCode === undefined || !(error as NodeJS.ErrnoException).syscall) return error
  const details = { place, systemCode }
  if (!fullCodes.has(systemCode)) {
    return new DistributionError('ERR_WRITE_FAILED', `cannot write ${place}: ${messageOf(error)}`, { cause: error, details })
  }
  return new DistributionError('ERR_DISK_FULL', `cannot write ${place}: there is no space left (${systemCode})`, {
    cause: error,
    details,
    hint: 'Free some space there, then run it again.',
  })
}
