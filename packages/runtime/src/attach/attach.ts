import type { AttachStreams } from '@podwright/contracts'
import type { AbortOptions } from '@podwright/conventions'

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
   * container belongs here.
   */
  readonly onConnected?: (() => void | Promise<void>) | undefined
}

/** `ended`: the container closed its streams; `detached`: by the detach keys. */
export type AttachEndReason = 'ended' | 'detached'

/**
 * Joins a container's streams until it ends or the detach keys are typed.
 *
 * The streams stay the caller's: stdout and stderr are written to and never ended; stdin is read, and no longer listened to afterwards. A
 * stdout that breaks (EPIPE) ends the attachment as if the container had ended.
 *
 * @throws `ERR_ATTACH_GONE` when nobody listens any more, `ERR_ATTACH_FAILED`.
 */
export function attach(target: AttachTarget, streams: AttachStreams, options: AttachOptions = {}): Promise<AttachEndReason> {
  throw new Error(`unfinished ${String(target)} ${String(streams)} ${String(options)}`)
}
