import type { Engine } from '@podwright/contracts'

/** Sends a POSIX signal, by name or number, to a container's first process. */
export async function sendSignal(engine: Engine, reference: string, posixSignal: string): Promise<void> {
  await engine.containers.kill(reference, { killSignal: posixSignal })
}
