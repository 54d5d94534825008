import type { AttachStreams } from '@podwright/contracts'
import { type AbortOptions, isPodwrightError, messageOf } from '@podwright/conventions'
import { connectSeqpacket, type PacketSocket } from '@podwright/linux'
import { RuntimeError } from '../errors.ts'
import { followWindow } from './follow-window.ts'
import { forwardInput } from './forward-input.ts'
import { forwardOutput } from './forward-output.ts'

/** Where a monitor listens. */
export interface AttachTarget {
  /** conmon's SOCK_SEQPACKET socket. */
  readonly socketPath: string
  /** Takes window sizes; needed for `streams.window`. */
  readonly controlFifo?: string | undefined
}

/** Options of `attach`. */
export interface AttachOptions extends AbortOptions {
  /**
   * Called once the socket is connected, before any byte moves: nothing that the container writes from then on is missed. Starting the
   * container belongs here. What it throws ends the attachment.
   */
  readonly onConnected?: (() => void | Promise<void>) | undefined
}

/** `ended`: the container closed its streams; `detached`: by the detach keys; `output-closed`: nobody reads our stdout or stderr any more. */
export type AttachEndReason = 'ended' | 'detached' | 'output-closed'

/**
 * Joins a container's streams until it ends or the detach keys are typed.
 *
 * The streams stay the caller's: stdout and stderr are written to and never ended; stdin is read, and paused and no longer listened to
 * afterwards.
 *
 * @throws `ERR_ATTACH_GONE` when nobody listens any more, `ERR_ATTACH_FAILED`.
 */
export async function attach(target: AttachTarget, streams: AttachStreams, options: AttachOptions = {}): Promise<AttachEndReason> {
  const { signal, onConnected } = options
  signal?.throwIfAborted()
  const socket = await connect(target.socketPath, signal)
  const stop = new AbortController()
  const all = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  const window = followWindow(target.controlFifo, streams.window, all)
  try {
    // A program that asks for the size first is to get an answer.
    await window.first
    await onConnected?.()
    return await pump(socket, streams, all)
  } finally {
    stop.abort()
    socket.close()
    await window.done
  }
}

async function pump(socket: PacketSocket, streams: AttachStreams, signal: AbortSignal): Promise<AttachEndReason> {
  signal.throwIfAborted()
  const input = forwardInput(socket, streams.stdin, streams.detachKeys)
  const output = forwardOutput(socket, streams)
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([input.detached, output, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    input.stop()
  }
}

async function connect(path: string, signal: AbortSignal | undefined): Promise<PacketSocket> {
  try {
    return await connectSeqpacket(path, { signal })
  } catch (error) {
    if (signal?.aborted) throw error
    const errno = isPodwrightError(error) ? error.details['errno'] : undefined
    if (errno === 'ENOENT' || errno === 'ECONNREFUSED') {
      throw new RuntimeError('ERR_ATTACH_GONE', 'cannot attach to the container: nobody listens, it has ended', {
        cause: error,
        details: { path },
      })
    }
    throw new RuntimeError('ERR_ATTACH_FAILED', `cannot attach to the container: ${messageOf(error)}`, { cause: error, details: { path } })
  }
}
