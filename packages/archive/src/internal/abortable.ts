import type { ByteSource } from '../entry.ts'

/** Pieces smaller than this aren't worth a trip to the thread pool of their own. */
const worthwhileBytes = 16_384

/**
 * The same bytes, small pieces put together, until `signal` calls it off. A piece may be good only until the next one is asked for, as those of a pipe that
 * is read into one buffer: what is kept longer is copied.
 */
export async function* abortable(input: ByteSource, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted()
  let held: Uint8Array[] = []
  let heldBytes = 0
  for await (const chunk of input) {
    signal?.throwIfAborted()
    heldBytes += chunk.length
    if (heldBytes < worthwhileBytes) {
      held.push(Uint8Array.from(chunk))
      continue
    }
    yield held.length === 0 ? chunk : Buffer.concat([...held, chunk])
    held = []
    heldBytes = 0
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}
