import { systemCodeOf } from '@podwright/conventions'
import { fstatSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GrowingFile } from './tasks.ts'

const pieceBytes = 2 ** 18
/** Pauses when all that is there has been read: the first, and the longest after doubling. */
const pauseMs = { first: 2, longest: 50 }

/**
 * Reads a file while it grows, to the size that it will have. It may get another name meanwhile.
 *
 * @param complete its path once it is complete, should it be so by now
 * @throws when it is cut, as a blob is whose bytes turned out to be wrong; `signal.reason`
 */
export async function* readGrowing(growing: GrowingFile, complete: string, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  await using file = await openEither(growing.path, complete)
  let pause = pauseMs.first
  for (let position = 0; position < growing.sizeBytes;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(pieceBytes), 0, pieceBytes, position)
    signal.throwIfAborted()
    if (bytesRead > 0) {
      yield buffer.subarray(0, bytesRead)
      position += bytesRead
      pause = pauseMs.first
      continue
    }
    if (fstatSync(file.fd).size < position) throw new Error(`the file ${growing.path} was cut while it was read`)
    await sleep(pause, undefined, { signal })
    pause = Math.min(2 * pause, pauseMs.longest)
  }
}

async function openEither(growing: string, complete: string): Promise<FileHandle> {
  try {
    return await open(growing, 'r')
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error
    return open(complete, 'r')
  }
}
