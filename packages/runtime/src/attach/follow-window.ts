import type { WindowSize } from '@podwright/contracts'
import { setImmediate } from 'node:timers/promises'
import { resizeTerminal } from './control-fifo.ts'

/** A running hand-over of window sizes. Never fails: a terminal of the wrong size is no reason to end. */
export interface FollowedWindow {
  /** Resolves once the size that was there at once has been handed over, or when there was none. */
  readonly first: Promise<void>
  /** Resolves after the abort. */
  readonly done: Promise<void>
}

/** Hands window sizes on to the monitor, as they come. */
export function followWindow(
  controlFifo: string | undefined,
  window: AsyncIterable<WindowSize> | undefined,
  signal: AbortSignal,
): FollowedWindow {
  if (window === undefined || controlFifo === undefined) return { first: Promise.resolve(), done: Promise.resolve() }
  const first = Promise.withResolvers<void>()
  const done = follow(controlFifo, window, signal, first.resolve).catch(() => {})
  return { first: first.promise, done }
}

async function follow(controlFifo: string, window: AsyncIterable<WindowSize>, signal: AbortSignal, onFirst: () => void): Promise<void> {
  const sizes = window[Symbol.asyncIterator]()
  const over = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
  let pending = sizes.next()
  // Whoever has a size to tell tells it at once; nobody is waited for.
  if ((await Promise.race([pending.catch(() => undefined), setImmediate('nothing yet')])) === 'nothing yet') onFirst()
  try {
    for (;;) {
      const next = await Promise.race([pending, over])
      if (next === undefined || next.done) return
      resizeTerminal(controlFifo, next.value)
      onFirst()
      pending = sizes.next()
    }
  } finally {
    onFirst()
    pending.catch(() => {})
    // A generator that waits for the next change only returns after it; nobody is to wait for that.
    void sizes.return?.()?.catch(() => {})
  }
}
