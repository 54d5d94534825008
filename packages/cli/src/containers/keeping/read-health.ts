import type { ContainerOptions, HealthCheckOptions } from '@podwright/contracts'
import type { FlagValues } from '../../command-line/flags.ts'
import { durationOf } from '../../command-line/time-flag.ts'
import { CliError } from '../../errors.ts'
import type { healthFlags } from './health-flags.ts'

type HealthFlagValues = Partial<FlagValues<typeof healthFlags>>

/** The flags of the check at start-up. */
const startupFlags = ['health-startup-interval', 'health-startup-retries', 'health-startup-success', 'health-startup-timeout'] as const

/**
 * What the flags of a health check ask for.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_FLAG_CONFLICT`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readHealth(flags: HealthFlagValues): NonNullable<ContainerOptions['health']> {
  if (flags['no-healthcheck'] === true) {
    const other = Object.keys(flags).find((name) => name.startsWith('health-') && flags[name as keyof HealthFlagValues] !== undefined)
    if (other === undefined) return 'none'
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `--no-healthcheck and --${other} contradict each other`)
  }
  checkDestination(flags['health-log-destination'])
  const test = readCommand(flags['health-cmd'])
  if (test?.[0] === 'NONE') return 'none'
  const interval = flags['health-interval']
  const startup = readStartup(flags)
  return {
    test,
    intervalMs: interval === 'disable' ? 0 : readTime('health-interval', interval),
    timeoutMs: readTime('health-timeout', flags['health-timeout']),
    startPeriodMs: readTime('health-start-period', flags['health-start-period']),
    startIntervalMs: readTime('health-start-interval', flags['health-start-interval']),
    retries: atLeast('health-retries', flags['health-retries'], 1),
    onFailure: flags['health-on-failure'] as HealthCheckOptions['onFailure'],
    logCount: atLeast('health-max-log-count', flags['health-max-log-count'], 0),
    logSize: atLeast('health-max-log-size', flags['health-max-log-size'], 0),
    ...(startup !== undefined && { startup }),
  }
}

function readStartup(flags: HealthFlagValues): HealthCheckOptions['startup'] {
  const test = readCommand(flags['health-startup-cmd'])
  if (test === undefined || test[0] === 'NONE') {
    const other = startupFlags.find((name) => flags[name] !== undefined)
    if (other === undefined) return undefined
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `--${other} needs --health-startup-cmd: there is no check at start-up without it`)
  }
  return {
    test,
    intervalMs: readTime('health-startup-interval', flags['health-startup-interval']),
    timeoutMs: readTime('health-startup-timeout', flags['health-startup-timeout']),
    retries: atLeast('health-startup-retries', flags['health-startup-retries'], 0),
    successes: atLeast('health-startup-success', flags['health-startup-success'], 1),
  }
}

/** A JSON list of words, or a text for a shell, as podman. */
function readCommand(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  if (text === 'none') return ['NONE']
  try {
    const words: unknown = text.startsWith('[') ? JSON.parse(text) : undefined
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words
  } catch {
    // `[ -e /ready ]` is a command.
  }
  return ['CMD-SHELL', text]
}

function readTime(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const milliseconds = text === '0' ? 0 : durationOf(text)
  if (milliseconds !== undefined) return milliseconds
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --${flag}: it is a time such as 30s or 1m30s`)
}

function atLeast(flag: string, value: number | undefined, least: number): number | undefined {
  if (value === undefined || value >= least) return value
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${value}" for --${flag}: it is ${least} or more`)
}

function checkDestination(destination: string | undefined): void {
  if (destination === undefined || destination === 'local') return
  throw new CliError(
    'ERR_CLI_NOT_SUPPORTED',
    `cannot honour --health-log-destination ${destination}: results are kept with the container (local) alone`,
    {
      hint: 'podwright inspect shows them, and podwright events tells of each change.',
    },
  )
}
