import type { NamespaceSession, PutBlobOptions } from '@podwright/contracts'
import type { Digest } from '@podwright/oci'
import type { Store } from './store.ts'
import { type Arrival, type LayerPlan, unpackLayer } from './unpack-layer.ts'

/** Unpacks layers in the background, a few at a time, in one worker. The first failure ends all. */
export interface Unpacker extends AsyncDisposable {
  /** Starts the worker. */
  warmUp(): void
  /** Begins with a layer, once; asking again does nothing. */
  unpack(layer: LayerPlan, options: PutBlobOptions): void
  /** Begins with a layer whose blob is coming in, unless enough of them are followed. To be asked for by `unpack` all the same when the blob is there. */
  follow(layer: LayerPlan, arrival: Arrival, options: PutBlobOptions): void
  /** A signal that is aborted when an unpacking fails, or with `signal`. */
  signalWith(signal: AbortSignal | undefined): AbortSignal
  throwIfFailed(): void
  /** Resolves when all that was begun is done. */
  finish(): Promise<void>
}

/** Blobs that are followed at a time. They come beside the layers that are unpacked from their place: a slow network is nobody's turn. */
const followersAtMost = 2

export function createUnpacker(store: Store): Unpacker {
  const failure = new AbortController()
  const begun = new Map<Digest, Promise<void>>()
  const takeTurn = limiter(store.unpackConcurrency)
  const landings = new Map<Digest, PromiseWithResolvers<void>>()
  const landing = (chainId: Digest): PromiseWithResolvers<void> => {
    const known = landings.get(chainId) ?? Promise.withResolvers<void>()
    landings.set(chainId, known)
    return known
  }
  const landed = async (chainId: Digest, signal: AbortSignal): Promise<void> => {
    const aborted = Promise.withResolvers<never>()
    const stop = (): void => aborted.reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    await Promise.race([landing(chainId).promise, aborted.promise]).finally(() => signal.removeEventListener('abort', stop))
  }
  /** Layers that are followed, each with how to go on if its blob doesn't come, and comes by another try. */
  const followers = new Map<Digest, { again?: () => Promise<void> }>()
  const note = (chainId: Digest, work: Promise<void>): void => {
    begun.set(chainId, work)
    work.catch((error: unknown) => failure.abort(error))
  }
  let session: Promise<NamespaceSession> | undefined
  const openSession = (): Promise<NamespaceSession> => {
    session ??= store.unpackWorkers.take()
    // Reported by whoever waits for it.
    session.catch(() => {})
    return session
  }
  const signalWith = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal])
  const unpackInTurn = async (layer: LayerPlan, options: PutBlobOptions): Promise<void> => {
    const signal = signalWith(options.signal)
    // Whoever waits for a layer below gives its turn away meanwhile: that layer may need it.
    await takeTurn(async ({ pause, end }) => {
      await unpackLayer(
        store,
        layer,
        openSession,
        { ...options, signal },
        { below: (below) => pause(() => landed(below, signal)), extracted: end },
      )
    })
    landing(layer.chainId).resolve()
  }
  const followBlob = async (layer: LayerPlan, arrival: Arrival, options: PutBlobOptions): Promise<void> => {
    const follower: { again?: () => Promise<void> } = {}
    const { chainId } = layer
    followers.set(chainId, follower)
    const signal = signalWith(options.signal)
    const isDone = await unpackLayer(
      store,
      layer,
      openSession,
      { ...options, signal },
      { below: (below) => landed(below, signal) },
      arrival,
    ).finally(() => followers.delete(chainId))
    if (isDone) landing(chainId).resolve()
    else if (follower.again !== undefined) await follower.again()
    else begun.delete(chainId)
  }
  return {
    warmUp: () => void openSession(),
    unpack(layer, options) {
      const follower = followers.get(layer.chainId)
      if (follower !== undefined) follower.again = () => unpackInTurn(layer, options)
      else if (!begun.has(layer.chainId)) note(layer.chainId, unpackInTurn(layer, options))
    },
    follow(layer, arrival, options) {
      if (begun.has(layer.chainId) || followers.size >= followersAtMost) return
      note(layer.chainId, followBlob(layer, arrival, options))
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

/** A turn of a piece of work. */
interface Turn {
  /** Lets another have it while `wait` runs. */
  pause(wait: () => Promise<void>): Promise<void>
  /** Gives it away before the work is done. */
  end(): void
}

/** Lets `count` pieces of work run at a time, in the order of asking. */
function limiter(count: number): (work: (turn: Turn) => Promise<void>) => Promise<void> {
  let running = 0
  const waiting: (() => void)[] = []
  const enter = async (): Promise<void> => {
    if (running >= count) await new Promise<void>((resolve) => waiting.push(resolve))
    running += 1
  }
  const leave = (): void => {
    running -= 1
    waiting.shift()?.()
  }
  return async (work) => {
    await enter()
    let isOurs = true
    const end = (): void => {
      if (isOurs) leave()
      isOurs = false
    }
    const pause = async (wait: () => Promise<void>): Promise<void> => {
      end()
      try {
        await wait()
      } finally {
        await enter()
        isOurs = true
      }
    }
    try {
      await work({ pause, end })
    } finally {
      end()
    }
  }
}
