import type { NamespaceSession, PutBlobOptions } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import type { Store } from './store.ts'
import { type LayerPlan, unpackLayer } from './unpack-layer.ts'

/** Unpacks layers in the background, a few at a time, in one worker. The first failure ends all. */
export interface Unpacker extends AsyncDisposable {
  /** Starts the worker. */
  warmUp(): void
  /** Begins with a layer, once; asking again does nothing. */
  unpack(layer: LayerPlan, options: PutBlobOptions): void
  /** A signal that is aborted when an unpacking fails, or with `signal`. */
  signalWith(signal: AbortSignal | undefined): AbortSignal
  throwIfFailed(): void
  /** Resolves when all that was begun is done. */
  finish(): Promise<void>
}

export function createUnpacker(store: Store): Unpacker {
  const failure = new AbortController()
  const begun = new Map<Digest, Promise<void>>()
  const takeTurn = limiter(store.unpackConcurrency)
  let session: Promise<NamespaceSession> | undefined
  const openSession = (): Promise<NamespaceSession> => {
    session ??= store.namespace.open()
    // Reported by whoever waits for it.
    session.catch(() => {})
    return session
  }
  const signalWith = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal])
  return {
    warmUp: () => void openSession(),
    unpack(layer, options) {
      if (begun.has(layer.chainId)) return
      const signal = signalWith(options.signal)
      const work = takeTurn(() => unpackLayer(store, layer, openSession, { ...options, signal }))
      begun.set(layer.chainId, work)
      work.catch((error: unknown) => failure.abort(error))
    },
    signalWith,
    throwIfFailed: () => failure.signal.throwIfAborted(),
    async finish() {
      await Promise.allSettled(begun.values())
      failure.signal.throwIfAborted()
    },
    async [Symbol.asyncDispose]() {
      failure.abort(new Error('the copy into the storage was given up'))
      await Promise.allSettled(begun.values())
      await (await session?.catch(() => undefined))?.[Symbol.asyncDispose]()
    },
  }
}

/** Lets `count` pieces of work run at a time, in the order of asking. */
function limiter(count: number): (work: () => Promise<void>) => Promise<void> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (running >= count) await new Promise<void>((resolve) => waiting.push(resolve))
    running += 1
    try {
      await work()
    } finally {
      running -= 1
      waiting.shift()?.()
    }
  }
}
