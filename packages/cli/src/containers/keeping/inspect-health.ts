import type { ContainerDetails, HealthTest } from '@podwright/contracts'
import { jsonDate } from '../../render/moment.ts'

const nanosecondsPerMs = 1_000_000

/** Fields of `.State`: docker's name, and podman's of before; null where there is no check. */
export function healthState({ state, healthCheck, healthLog = [] }: ContainerDetails): object {
  if (healthCheck === undefined) return { Health: null, Healthcheck: null }
  const health = {
    Status: state.health?.status ?? 'starting',
    FailingStreak: state.health?.failingStreak ?? 0,
    Log: healthLog.map(({ startedAt, finishedAt, exitCode, output }) => ({
      Start: jsonDate(startedAt),
      End: jsonDate(finishedAt),
      ExitCode: exitCode,
      Output: output,
    })),
  }
  return { Health: health, Healthcheck: health }
}

/** Fields of `.Config`, null where there is no check; durations are nanoseconds. */
export function healthConfig({ healthCheck }: ContainerDetails): object {
  if (healthCheck === undefined) return { Healthcheck: null }
  const { startup, retries, startPeriodMs, startIntervalMs, onFailure, logCount, logSize } = healthCheck
  return {
    Healthcheck: {
      ...testFields(healthCheck),
      StartPeriod: startPeriodMs * nanosecondsPerMs,
      StartInterval: startIntervalMs * nanosecondsPerMs,
      Retries: retries,
    },
    ...(startup && { StartupHealthCheck: { ...testFields(startup), Retries: startup.retries, Successes: startup.successes } }),
    HealthcheckOnFailureAction: onFailure,
    HealthLogDestination: 'local',
    HealthcheckMaxLogCount: logCount,
    HealthcheckMaxLogSize: logSize,
  }
}

function testFields({ test, intervalMs, timeoutMs }: HealthTest): object {
  return { Test: test, Interval: intervalMs * nanosecondsPerMs, Timeout: timeoutMs * nanosecondsPerMs }
}
