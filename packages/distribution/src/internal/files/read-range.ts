import type { FileHandle } from 'node:fs/promises'

/** Bytes at a time: what a disk is read in best, and a digest computed over. */
const chunkBytes = 256 * 1024

/** Bytes of a file from one place up to another; fewer when the file ends before. The file stays open. */
export async function* readRange(file: FileHandle, start: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let position = start; position < end;) {
    signal?.throwIfAborted()
    const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - position))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead)
  }
}

/** As `readRange` to the end; the file is closed at the end, and when the reader stops early. */
export async function* readAndClose(file: FileHandle, start: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* readRange(file, start, Number.POSITIVE_INFINITY, signal)
  } finally {
    await file.close()
  }
}
