import type { Duplex, Readable } from 'node:stream'
import { defaultDetachKeys, DetachKeyScanner } from './detach-keys.ts'

/** A running copy of stdin to a container. */
export interface ForwardedInput {
  /** Resolves when the detach keys were typed, else never. */
  readonly detached: Promise<'detached'>
  /** Takes the listeners off, and pauses stdin. */
  stop(): void
}

/** Copies stdin to the socket, as fast as the container reads; its end becomes the container's end of file. */
export function forwardInput(socket: Duplex, stdin: Readable | undefined, keys: Uint8Array = defaultDetachKeys): ForwardedInput {
  const { promise: detached, resolve } = Promise.withResolvers<'detached'>()
  if (stdin === undefined) return { detached, stop: () => {} }
  const scanner = new DetachKeyScanner(keys)
  const send = (bytes: Uint8Array): void => {
    // An empty packet would read as the end.
    if (bytes.byteLength > 0 && !socket.write(bytes)) stdin.pause()
  }
  const onData = (chunk: Uint8Array | string): void => {
    const { pass, detached: typed } = scanner.scan(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    send(pass)
    if (typed) resolve('detached')
  }
  const onDrain = (): void => void stdin.resume()
  const onEnd = (): void => {
    send(scanner.rest())
    socket.end()
  }
  const listeners = { data: onData, end: onEnd, error: onEnd }
  for (const [event, listener] of Object.entries(listeners)) stdin.on(event, listener)
  socket.on('drain', onDrain)
  if (stdin.readableEnded || stdin.destroyed) onEnd()
  else stdin.resume()
  return {
    detached,
    stop: () => {
      for (const [event, listener] of Object.entries(listeners)) stdin.off(event, listener)
      socket.off('drain', onDrain)
      stdin.pause()
    },
  }
}
