import { type Clock, emitProgress, isPodwrightError, messageOf, systemCodeOf } from '@podwright/conventions'
import type { BlobProgress, PutBlobOptions } from '@podwright/contracts'
import type { Descriptor } from '@podwright/oci'

/** Tries in a row that bring no byte. */
const mostAttempts = 5
const firstPauseMs = 200

/** Errors of writing the file, which no new stream changes. */
const localCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EFBIG', 'EBADF'])

/** Waits before a blob's stream is opened again; throws `error` when that can't help. */
export async function pauseBeforeRetry(
  clock: Clock,
  error: unknown,
  attempt: number,
  descriptor: Descriptor,
  options: PutBlobOptions,
): Promise<void> {
  options.signal?.throwIfAborted()
  if (attempt >= mostAttempts || !mayPass(error)) throw error
  emitProgress<BlobProgress>(options.onProgress, { type: 'blob:retry', descriptor, attempt, reason: messageOf(error) })
  await clock.sleep(firstPauseMs * 2 ** (attempt - 1), { signal: options.signal })
}

/** A stream breaks with whatever error the source's platform has; those with a code of ours say whether it is worth another try. */
function mayPass(error: unknown): boolean {
  if (isPodwrightError(error)) return error.retryable
  const code = systemCodeOf(error)
  return code === undefined || !localCodes.has(code)
}
