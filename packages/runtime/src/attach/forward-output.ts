import type { AttachStreams } from '@podwright/contracts'
import { once } from 'node:events'
import type { Duplex, Writable } from 'node:stream'
import type { AttachEndReason } from './attach.ts'

/** The first byte of each of conmon's packets. */
const stdoutPipe = 2
const stderrPipe = 3

/** Copies packets to stdout and stderr, as fast as these take them, until the container ends or they break. */
export async function forwardOutput(socket: Duplex, { stdout, stderr }: AttachStreams): Promise<AttachEndReason> {
  const outputs = [stdout, stderr].filter((stream) => stream !== undefined)
  const broken = Promise.withResolvers<'output-closed'>()
  const onBroken = (): void => broken.resolve('output-closed')
  for (const output of outputs) output.on('error', onBroken).on('close', onBroken)
  try {
    return await Promise.race([copy(socket, stdout, stderr), broken.promise])
  } finally {
    for (const output of outputs) output.off('close', onBroken).off('error', onBroken)
  }
}

async function copy(socket: Duplex, stdout: Writable | undefined, stderr: Writable | undefined): Promise<'ended'> {
  try {
    for await (const packet of socket as AsyncIterable<Uint8Array>) {
      const output = packet[0] === stdoutPipe ? stdout : packet[0] === stderrPipe ? stderr : undefined
      if (output !== undefined && !output.write(packet.subarray(1))) await once(output, 'drain')
    }
  } catch {
    // A reset is how a killed monitor says good-bye.
  }
  await Promise.all([flushed(stdout), flushed(stderr)])
  return 'ended'
}

/** An empty write's turn comes after all before it. */
function flushed(output: Writable | undefined): Promise<void> {
  if (output === undefined || output.destroyed || output.writableEnded) return Promise.resolve()
  return new Promise((resolve) => {
    output.write('', () => resolve())
  })
}
