import type { PacketSocket } from '@podwright/linux'
import type { Readable } from 'node:stream'
import { defaultDetachKeys, DetachKeyScanner } from './detach-keys.ts'

/** A running copy of stdin to a container. */
export interface ForwardedInput {
  /** Resolves when the detach keys were typed, else never. */
  readonly detached: Promise<'detached'>
  /** Takes the listeners off, and pauses stdin. */
  stop(): void
}

/** Copies stdin to the socket, as fast as the container reads; its end becomes the container's end of file. */
export function forwardInput(socket: PacketSocket, stdin: Readable | undefined, keys: Uint8Array = defaultDetachKeys): ForwardedInput {
  const { promise: detached, resolve } = Promise.withResolvers<'detached'>()
  if (stdin === undefined) return { detached, stop: () => {} }
  const scanner = new DetachKeyScanner(keys)
  let stopped = false
  let sent = Promise.resolve()
  // Who is gone is seen by the end of the output.
  const send = (bytes: Uint8Array): void => {
    sent = sent.then(() => socket.write(bytes)).catch(() => undefined)
  }
  const onData = (chunk: Uint8Array | string): void => {
    const { pass, detached: typed } = scanner.scan(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    stdin.pause()
    send(pass)
    void sent.then(() => stopped || stdin.resume())
    if (typed) resolve('detached')
  }
  const onEnd = (): void => {
    send(scanner.rest())
    void sent.then(() => socket.end())
  }
  const listeners = { data: onData, end: onEnd, error: onEnd }
  for (const [event, listener] of Object.entries(listeners)) stdin.on(event, listener)
  if (stdin.readableEnded || stdin.destroyed) onEnd()
  else stdin.resume()
  return {
    detached,
    stop: () => {
      stopped = true
      for (const [event, listener] of Object.entries(listeners)) stdin.off(event, listener)
      stdin.pause()
    },
  }
}
