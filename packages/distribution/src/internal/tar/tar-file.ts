import type { FileHandle } from 'node:fs/promises'
import { writeAll } from '../files/spool.ts'
import { writing } from '../files/write-failure.ts'
import { directoryHeader, tarHeader } from './tar-header.ts'

/** A tar that grows in a file. Members are written one after the other, whoever asks at the same time. */
export interface TarFile {
  /**
   * Adds a member of a size, and maybe a name, that its content decides. The content isn't asked for before its turn. One that fails leaves the tar as it was.
   *
   * @param nameOf called when all bytes are written; what it throws is a failure
   */
  add(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, nameOf: (sizeBytes: number) => string, signal?: AbortSignal): Promise<void>
  /** Adds a directory. @param name ends with a slash */
  addDirectory(name: string): Promise<void>
  /** Ends it, and sees it on the disk. @returns its size in bytes */
  finish(): Promise<number>
}

const blockBytes = 512

export function createTarFile(file: FileHandle, place: string): TarFile {
  let end = 0
  let turn: Promise<unknown> = Promise.resolve()

  const append = async (
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    nameOf: (sizeBytes: number) => string,
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    signal?.throwIfAborted()
    let position = end + blockBytes
    for await (const chunk of chunks) {
      signal?.throwIfAborted()
      await writing(place, () => writeAll(file, chunk, position))
      position += chunk.byteLength
    }
    const sizeBytes = position - end - blockBytes
    const header = tarHeader(nameOf(sizeBytes), sizeBytes, place)
    const padding = new Uint8Array((blockBytes - (sizeBytes % blockBytes)) % blockBytes)
    await writing(place, async () => {
      await writeAll(file, padding, position)
      await writeAll(file, header, end)
    })
    end = position + padding.byteLength
  }

  const inTurn = (write: () => Promise<void>): Promise<void> => {
    const work = turn.then(write)
    turn = work.catch(() => {})
    return work
  }

  return {
    add: (chunks, nameOf, signal) => inTurn(() => append(chunks, nameOf, signal)),
    addDirectory: (name) =>
      inTurn(async () => {
        await writing(place, () => writeAll(file, directoryHeader(name, place), end))
        end += blockBytes
      }),
    finish: async () => {
      await turn
      const sizeBytes = end + 2 * blockBytes
      await writing(place, async () => {
        // What a member that failed has left behind the end goes.
        await file.truncate(end)
        await file.truncate(sizeBytes)
        await file.sync()
      })
      return sizeBytes
    },
  }
}
