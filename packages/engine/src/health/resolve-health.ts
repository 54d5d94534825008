import type { ContainerOptions, HealthCheck, HealthCheckOptions } from '@podwright/contracts'
import type { HealthcheckConfig } from '@podwright/oci'
import { EngineError } from '../errors.ts'

const defaultTimes = { intervalMs: 30_000, timeoutMs: 30_000 }

/**
 * The check that a container has: what is given, then the image's (Docker's HEALTHCHECK), then the defaults; undefined when it has none.
 *
 * @throws EngineError `ERR_CONTAINER_OPTION_INVALID`
 */
export function resolveHealth(given: ContainerOptions['health'], image: HealthcheckConfig | undefined): HealthCheck | undefined {
  if (given === 'none') return undefined
  const options = { ...imageOptions(image), ...definedOf(given ?? {}) }
  const { test = [], startup } = options
  if (test.length === 0 || test[0] === 'NONE') {
    if (given === undefined || Object.keys(given).length === 0) return undefined
    throw invalid('a health check needs a command, and the image has none', 'Give one: --health-cmd "curl -f http://localhost/"')
  }
  const check = {
    ...defaultTimes,
    retries: 3,
    startPeriodMs: 0,
    startIntervalMs: 5000,
    onFailure: 'none',
    logCount: 5,
    logSize: 500,
    ...options,
    test: checkTest(test),
    startup: startup && { ...defaultTimes, retries: 0, successes: 1, ...definedOf(startup), test: checkTest(startup.test) },
  } satisfies HealthCheck
  checkNumbers(check)
  if (check.startup !== undefined) checkNumbers(check.startup)
  return check
}

/** Nanoseconds and 0 for the default, as an image has them. */
function imageOptions(image: HealthcheckConfig = {}): Given<HealthCheckOptions> {
  const milliseconds = (time: number | undefined): number | undefined => (time === undefined || time === 0 ? undefined : time / 1e6)
  return definedOf({
    test: image.Test,
    intervalMs: milliseconds(image.Interval),
    timeoutMs: milliseconds(image.Timeout),
    startPeriodMs: milliseconds(image.StartPeriod),
    startIntervalMs: milliseconds(image.StartInterval),
    retries: image.Retries === 0 ? undefined : image.Retries,
  })
}

/** Words without CMD before them are a program's. */
function checkTest(test: readonly string[]): readonly string[] {
  const [kind = '', ...words] = test
  if (kind !== 'CMD' && kind !== 'CMD-SHELL') return ['CMD', ...test]
  if (words.length === 0 || words[0] === '')
    throw invalid('a health check needs a command', 'Give one: --health-cmd "curl -f http://localhost/"')
  return test
}

function checkNumbers(check: Partial<HealthCheck> & { readonly successes?: number }): void {
  for (const [name, value] of Object.entries(check)) {
    if (typeof value === 'number' && !(Number.isFinite(value) && value >= 0)) throw invalid(`${name} of a health check is ${value}`)
  }
  if (check.timeoutMs !== undefined && check.timeoutMs < 1)
    throw invalid('a health check needs more time than that', 'Give a second or more.')
}

function invalid(message: string, hint?: string): EngineError {
  return new EngineError('ERR_CONTAINER_OPTION_INVALID', message, hint === undefined ? {} : { hint })
}

/** The fields that are given. */
type Given<Options> = { readonly [Name in keyof Options]: Exclude<Options[Name], undefined> }

function definedOf<Options extends object>(options: Options): Given<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<Options>
}
