/** Limits how much is under way at a time, by key; first come, first served. */
export interface Slots {
  /** Waits for a turn. @returns gives it back; may be called again without effect */
  acquire(key: string, signal?: AbortSignal): Promise<() => void>
}

interface Queue {
  taken: number
  readonly waiting: (() => void)[]
}

/** @param limit turns of each key */
export function createSlots(limit: number): Slots {
  const queues = new Map<string, Queue>()
  const queueOf = (key: string): Queue => {
    const queue = queues.get(key) ?? { taken: 0, waiting: [] }
    queues.set(key, queue)
    return queue
  }
  return {
    acquire: async (key, signal) => {
      signal?.throwIfAborted()
      const queue = queueOf(key)
      if (queue.taken < limit) queue.taken++
      else await turnIn(queue, signal)
      return once(() => {
        const next = queue.waiting.shift()
        if (next === undefined) queue.taken--
        else next()
      })
    },
  }
}

function turnIn(queue: Queue, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onTurn = (): void => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }
    const onAbort = (): void => {
      queue.waiting.splice(queue.waiting.indexOf(onTurn), 1)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    queue.waiting.push(onTurn)
  })
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    action()
  }
}
