import { type Clock, isPodwrightError } from '@podwright/conventions'
import type { Answer } from './exchange.ts'

/** How to try again. */
export interface RetryPolicy {
  readonly retries: number
  readonly backoffMs: number
  readonly retryAfterMaximumMs: number
  readonly clock: Clock
  readonly random: () => number
}

const retriedStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])
const backoffMaximumMs = 30_000

/**
 * Tries again what failed in passing: a broken connection, a silence, 429, 5xx.
 *
 * @returns the last answer, whatever its status
 */
export async function withRetries(policy: RetryPolicy, send: () => Promise<Answer>, signal: AbortSignal | undefined): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await send().catch((error: unknown) => ({ error }))
    const pauseMs = attempt < policy.retries ? pauseAfter(policy, outcome, attempt) : undefined
    if (pauseMs === undefined) {
      if ('error' in outcome) throw outcome.error
      return outcome
    }
    if (!('error' in outcome)) await outcome.discard()
    await policy.clock.sleep(pauseMs, { signal })
  }
}

/** Exponential, with full jitter of its upper half. @param attempt from 0 */
export function backoff({ backoffMs, random }: Pick<RetryPolicy, 'backoffMs' | 'random'>, attempt: number): number {
  const ceiling = Math.min(backoffMs * 2 ** attempt, backoffMaximumMs)
  return Math.round(ceiling / 2 + (ceiling / 2) * random())
}

/** Milliseconds, or undefined when trying again is of no use. */
function pauseAfter(policy: RetryPolicy, outcome: Answer | { readonly error: unknown }, attempt: number): number | undefined {
  if ('error' in outcome) {
    if (!isPodwrightError(outcome.error) || !outcome.error.retryable) return undefined
    // A kept connection that the server closed in the meantime breaks at once; that says nothing of the server.
    return attempt === 0 && outcome.error.code === 'ERR_REGISTRY_INTERRUPTED' ? 0 : backoff(policy, attempt)
  }
  if (!retriedStatuses.has(outcome.status)) return undefined
  const askedMs = retryAfterMs(outcome.header('retry-after'), policy.clock)
  if (askedMs === undefined) return backoff(policy, attempt)
  return askedMs > policy.retryAfterMaximumMs ? undefined : askedMs
}

/** RFC 9110, section 10.2.3: seconds or a date. */
export function retryAfterMs(value: string | undefined, clock: Clock): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value.trim())) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now())
}
