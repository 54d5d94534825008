import type { ByteSource } from '../entry.ts'

/** The same bytes without empty pieces, until `signal` calls it off. */
export async function* abortable(input: ByteSource, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted()
  for await (const chunk of input) {
    signal?.throwIfAborted()
    if (chunk.length > 0) yield chunk
  }
}
