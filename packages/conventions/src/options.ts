/** For whatever can be called off. */
export interface AbortOptions {
  /** Calls the work off: the promise rejects with `signal.reason`, and nothing half done is left. */
  readonly signal?: AbortSignal | undefined
}

/** For long work: what has happened so far, as events of a union discriminated by `type`. */
export interface ProgressOptions<Event> {
  /** Called synchronously, in order; what it throws is ignored. */
  readonly onProgress?: ((event: Event) => void) | undefined
}

/** Hands an event to a listener; a listener that throws breaks nothing. */
export function emitProgress<Event>(listener: ((event: Event) => void) | undefined, event: Event): void {
  try {
    listener?.(event)
  } catch {
    // A fault of whoever watches is not a fault of the work.
  }
}
