import type { HealthCheck, HealthState } from '@podwright/contracts'

/** What is on record of a container's health since its start. */
export interface HealthRecord extends HealthState {
  /** When the next check is due, in milliseconds since the epoch; undefined when none is by itself. */
  readonly nextAt?: number | undefined
  /** Until the start-up check has passed. */
  readonly startup?: { readonly successes: number; readonly failures: number } | undefined
}

/** What a check says that has just ended. */
export interface CheckEnd {
  readonly passed: boolean
  /** Milliseconds since the epoch, both. */
  readonly finishedAt: number
  readonly containerStartedAt: number
}

/** Of a container that has just been started. */
export function healthAtStart(check: HealthCheck, startedAt: number): HealthRecord {
  const { startup, startPeriodMs } = check
  const first = startup?.intervalMs ?? (startPeriodMs > 0 ? check.startIntervalMs : check.intervalMs)
  return {
    status: 'starting',
    failingStreak: 0,
    nextAt: later(startedAt, check.intervalMs === 0 ? 0 : first),
    ...(startup !== undefined && { startup: { successes: 0, failures: 0 } }),
  }
}

/** What follows a check: docker's rules, and podman's for the one at start-up. */
export function healthAfter(check: HealthCheck, before: HealthRecord, end: CheckEnd): HealthRecord {
  if (check.startup !== undefined && before.startup !== undefined) return afterStartup(check, check.startup, before.startup, end)
  if (end.passed) return { status: 'healthy', failingStreak: 0, nextAt: later(end.finishedAt, check.intervalMs) }
  const isStarting = before.status === 'starting' && end.finishedAt - end.containerStartedAt < check.startPeriodMs
  const failingStreak = isStarting ? before.failingStreak : before.failingStreak + 1
  return {
    status: failingStreak >= check.retries ? 'unhealthy' : before.status,
    failingStreak,
    nextAt: later(end.finishedAt, isStarting && check.intervalMs > 0 ? check.startIntervalMs : check.intervalMs),
  }
}

/** Whether its start-up check has failed too often. */
export function hasNotStarted({ startup: check }: HealthCheck, { startup }: HealthRecord): boolean {
  return check !== undefined && startup !== undefined && check.retries > 0 && startup.failures >= check.retries
}

function afterStartup(
  { intervalMs }: HealthCheck,
  check: NonNullable<HealthCheck['startup']>,
  before: NonNullable<HealthRecord['startup']>,
  { passed, finishedAt }: CheckEnd,
): HealthRecord {
  const startup = passed ? { ...before, successes: before.successes + 1 } : { successes: 0, failures: before.failures + 1 }
  const isOver = startup.successes >= check.successes
  const nextAt = intervalMs === 0 ? undefined : later(finishedAt, isOver ? intervalMs : check.intervalMs)
  return { status: 'starting', failingStreak: 0, nextAt, ...(!isOver && { startup }) }
}

function later(time: number, intervalMs: number): number | undefined {
  return intervalMs > 0 ? time + intervalMs : undefined
}
