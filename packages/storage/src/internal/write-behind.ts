import { writev } from 'node:fs'
import { promisify } from 'node:util'

const writeVector = promisify(writev)

/** So much is written at a time, and about twice that is in memory. */
const batchBytes = 2 ** 18

/** Writes what comes to a file, while the next comes. */
export interface WriteBehind {
  /** Takes the next bytes, which must not be changed any more. Waits while two batches are on their way. @throws what an earlier write failed with */
  append(chunk: Uint8Array): Promise<void>
  /** Resolves when all is written. */
  flush(): Promise<void>
}

/** Begins at a position. One write is under way at a time. */
export function writeBehind(fd: number, start: number): WriteBehind {
  let batch: Uint8Array[] = []
  let batched = 0
  let position = start
  let writing: Promise<void> = Promise.resolve()
  const next = async (): Promise<void> => {
    await writing
    if (batched === 0) return
    writing = writeAll(fd, batch, position)
    // Whoever appends or flushes next is told.
    writing.catch(() => {})
    position += batched
    batch = []
    batched = 0
  }
  return {
    async append(chunk) {
      batch.push(chunk)
      batched += chunk.byteLength
      if (batched >= batchBytes) await next()
    },
    async flush() {
      await next()
      await writing
    },
  }
}

/** Writes all of them, one after the other. */
export async function writeAll(fd: number, chunks: readonly Uint8Array[], position: number): Promise<void> {
  let rest = chunks
  for (let at = position; rest.length > 0;) {
    const { bytesWritten } = await writeVector(fd, rest, at)
    at += bytesWritten
    rest = without(rest, bytesWritten)
  }
}

/** What comes after so many bytes. */
function without(chunks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes
  for (const [index, chunk] of chunks.entries()) {
    if (left < chunk.byteLength) return [chunk.subarray(left), ...chunks.slice(index + 1)]
    left -= chunk.byteLength
  }
  return []
}
