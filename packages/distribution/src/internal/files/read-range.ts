import type { FileHandle } from 'node:fs/promises'

/** Options of `readRange`. */
export interface ReadRangeOptions {
  readonly signal?: AbortSignal | undefined
  /** Whether memory is used again after 1 MiB, which keeps it flat: garbage of this kind is collected late. @default false */
  readonly transient?: boolean | undefined
}

/** Bytes at a time: what a disk is read in best, and a digest computed over. */
const chunkBytes = 256 * 1024

/** As many buffers as hold 1 MiB besides the one that is being filled. */
const transientBytes = 128 * 1024
const transientBuffers = (1024 * 1024) / transientBytes + 1

/** Bytes of a file from one place up to another; fewer when the file ends before. The file stays open. */
export async function* readRange(
  file: FileHandle,
  start: number,
  end: number,
  { signal, transient = false }: ReadRangeOptions = {},
): AsyncGenerator<Uint8Array> {
  const nextBuffer = transient ? ring(Math.min(transientBytes, Math.max(end - start, 1))) : (): Buffer => Buffer.allocUnsafeSlow(chunkBytes)
  for (let position = start; position < end;) {
    signal?.throwIfAborted()
    const buffer = nextBuffer()
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - position), position)
    if (bytesRead === 0) return
    position += bytesRead
    yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead)
  }
}

function ring(sizeBytes: number): () => Buffer {
  const buffers: Buffer[] = []
  let count = 0
  return () => (buffers[count++ % transientBuffers] ??= Buffer.allocUnsafeSlow(sizeBytes))
}

/** As `readRange` to the end; the file is closed at the end, and when the reader stops early. */
export async function* readAndClose(file: FileHandle, start: number, options: ReadRangeOptions = {}): AsyncGenerator<Uint8Array> {
  try {
    yield* readRange(file, start, Number.POSITIVE_INFINITY, options)
  } finally {
    await file.close()
  }
}
