import type { AttachStreams } from '@podwright/contracts'
import type { PacketSocket } from '@podwright/linux'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { AttachEndReason } from './attach.ts'

/** The first byte of each of conmon's packets. */
const sources = { 2: 'stdout', 3: 'stderr' } as const

/** Copies packets to stdout and stderr, as fast as these take them, until the container ends or they break. Neither is looked at before something comes for it. */
export async function forwardOutput(socket: PacketSocket, streams: AttachStreams): Promise<AttachEndReason> {
  const broken = Promise.withResolvers<'output-closed'>()
  const onBroken = (): void => broken.resolve('output-closed')
  const opened = new Map<'stdout' | 'stderr', Writable | undefined>()
  const open = (name: 'stdout' | 'stderr'): Writable | undefined => {
    if (!opened.has(name)) opened.set(name, streams[name]?.on('error', onBroken).on('close', onBroken))
    return opened.get(name)
  }
  const copied = copy(socket, open).then(async () => {
    await Promise.all([...opened.values()].map(flushed))
    return 'ended' as const
  })
  try {
    return await Promise.race([copied, broken.promise])
  } finally {
    for (const output of opened.values()) output?.off('close', onBroken).off('error', onBroken)
  }
}

async function copy(socket: PacketSocket, open: (name: 'stdout' | 'stderr') => Writable | undefined): Promise<void> {
  for (let packet = await nextPacket(socket); packet !== undefined; packet = await nextPacket(socket)) {
    const name = sources[packet[0] as keyof typeof sources]
    const output = name && open(name)
    if (output !== undefined && !output.write(packet.subarray(1))) await once(output, 'drain')
  }
}

/** A reset is how a killed monitor says good-bye. */
async function nextPacket(socket: PacketSocket): Promise<Uint8Array | undefined> {
  try {
    return await socket.read()
  } catch {
    return undefined
  }
}

/** An empty write's turn comes after all before it. */
function flushed(output: Writable | undefined): Promise<void> {
  if (output === undefined || output.destroyed || output.writableEnded) return Promise.resolve()
  return new Promise((resolve) => {
    output.write('', () => resolve())
  })
}
