import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultTemporaryDirectory } from './temporary-directory.ts'
import { writing } from './write-failure.ts'

/** A file that nobody else sees, gone with its disposal; where the system can, also when the process is killed. */
export interface SpoolFile extends AsyncDisposable {
  readonly file: FileHandle
  readonly place: string
}

/** Makes an empty one. */
export async function openSpool(directory: string = defaultTemporaryDirectory()): Promise<SpoolFile> {
  const { open, rm } = await import('node:fs/promises')
  const place = join(directory, `.podwright-${globalThis.crypto.randomUUID()}`)
  const file = await writing(place, () => open(place, 'wx+', 0o600))
  // Windows deletes nothing that is open.
  const isNameless = process.platform !== 'win32'
  if (isNameless) await rm(place, { force: true })
  return {
    file,
    place,
    [Symbol.asyncDispose]: async () => {
      await file.close()
      if (!isNameless) await rm(place, { force: true })
    },
  }
}

/** Writes chunks from the beginning on. @returns how many bytes there were */
export async function fillSpool({ file, place }: SpoolFile, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let position = 0
  for await (const chunk of chunks) {
    await writing(place, () => writeAll(file, chunk, position))
    position += chunk.byteLength
  }
  return position
}

/** Writes a chunk at a place of a file: all of it, also where the system takes less at a time. */
export async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.byteLength;) {
    const { bytesWritten } = await file.write(chunk, written, chunk.byteLength - written, position + written)
    written += bytesWritten
  }
}
