import type { ByteSource } from '../entry.ts'

/** Pieces smaller than this aren't worth a trip to the thread pool of their own. */
const worthwhileBytes = 16_384

/** The same bytes, small pieces put together, until `signal` calls it off. */
export async function* abortable(input: ByteSource, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted()
  let held: Uint8Array[] = []
  let heldBytes = 0
  for await (const chunk of input) {
    signal?.throwIfAborted()
    held.push(chunk)
    heldBytes += chunk.length
    if (heldBytes < worthwhileBytes) continue
    yield held.length === 1 ? chunk : Buffer.concat(held)
    held = []
    heldBytes = 0
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}
