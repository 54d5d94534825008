/**
 * Runs work on items, some at a time, in their order. The first failure calls off what runs and starts nothing more; it is thrown once all have ended.
 *
 * @param run gets a signal that fires when another item failed or the caller gave up
 */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  signal: AbortSignal | undefined,
  run: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  signal?.throwIfAborted()
  const failed = new AbortController()
  const either = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const rest = items.values()
  let failure: { readonly error: unknown } | undefined
  const worker = async (): Promise<void> => {
    for (const item of rest) {
      if (either.aborted) return
      try {
        await run(item, either)
      } catch (error) {
        failure ??= { error }
        failed.abort(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(concurrency, items.length)) }, worker))
  signal?.throwIfAborted()
  if (failure !== undefined) throw failure.error
}
