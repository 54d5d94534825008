import type { Engine } from '@podwright/contracts'

/** Sends a POSIX signal, by name or number, to a container's first process. */
export async function sendSignal(engine: Engine, reference: string, posixSignal: string): Promise<void> {
  // The contract's type of this option is the intersection of a POSIX signal's name and an AbortSignal, which nothing is.
  await engine.containers.kill(reference, { signal: posixSignal } as never)
}
