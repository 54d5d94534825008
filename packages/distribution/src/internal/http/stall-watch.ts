/** Fires when what is watched is silent for too long. */
export interface StallWatch {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** From now on silence counts, from zero. */
  start(): void
  stop(): void
}

export function createStallWatch(timeoutMs: number): StallWatch {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = (): void => clearTimeout(timer)
  return {
    timeoutMs,
    signal: controller.signal,
    start: () => {
      stop()
      timer = setTimeout(() => controller.abort(), timeoutMs)
    },
    stop,
  }
}
