import type { ContainerState, Engine } from '@podwright/contracts'
import type { AbortOptions, Clock } from '@podwright/conventions'
import { CliError } from '../../errors.ts'

/** What `wait --condition` may be; `configured` and `stopped` are podman's words for `created` and `exited`. */
export const waitConditions: readonly string[] = [
  'configured',
  'created',
  'initialized',
  'running',
  'paused',
  'stopping',
  'stopped',
  'exited',
  'removing',
  'removed',
]

/** How often is looked. */
const defaultIntervalMs = 250

/** What `wait` was asked for. */
export interface WaitWish {
  /** One of them is enough. */
  readonly conditions: readonly string[]
  readonly intervalMs: number
}

/**
 * Reads `--condition` and `--interval`; undefined when the end is waited for, which needs no looking.
 *
 * @throws CliError `ERR_CLI_FLAG_VALUE`, `ERR_CLI_NOT_SUPPORTED`
 */
export function readWait(conditions: readonly string[], interval: string | undefined): WaitWish | undefined {
  for (const condition of conditions) checkCondition(condition)
  const intervalMs = interval === undefined ? defaultIntervalMs : readInterval(interval)
  const isEnd = conditions.every((condition) => condition === 'stopped' || condition === 'exited')
  return isEnd ? undefined : { conditions, intervalMs }
}

function checkCondition(condition: string): void {
  if (waitConditions.includes(condition)) return
  if (condition === 'healthy' || condition === 'unhealthy') {
    throw new CliError('ERR_CLI_NOT_SUPPORTED', `cannot honour --condition ${condition}: podwright does not have health checks yet`, {
      hint: `It is one of ${waitConditions.join(', ')}.`,
    })
  }
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${condition}" for --condition: it is one of ${waitConditions.join(', ')}`)
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `250ms`, `1m30s`; a number alone is milliseconds, as with podman. */
function readInterval(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  if (!/^(?:\d{1,9}(?:\.\d+)?(?:ms|[smh]))+$/.test(text)) {
    throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --interval: it is a time such as 250ms or 1m30s`)
  }
  const parts = [...text.matchAll(/([\d.]+)(ms|[smh])/g)]
  return parts.reduce((sum, [, number, unit = '']) => sum + Number(number) * (unitsMs[unit] ?? 0), 0)
}

/** Waits until a container is in one of the states; its exit code when it has ended, else -1. */
export async function awaitCondition(
  engine: Pick<Engine, 'containers'>,
  reference: string,
  { conditions, intervalMs }: WaitWish,
  { clock, signal }: AbortOptions & { readonly clock: Clock },
): Promise<number> {
  const { id } = await engine.containers.inspect(reference, { signal })
  let exitCode = -1
  for (;;) {
    const state = (await engine.containers.list({ all: true, signal })).find((container) => container.id === id)?.state
    if (state === undefined && conditions.some((condition) => condition.startsWith('remov'))) return exitCode
    // It is gone: the engine says so.
    if (state === undefined) return (await engine.containers.inspect(id, { signal })).state.exitCode ?? -1
    exitCode = state.exitCode ?? -1
    if (conditions.some((condition) => isIn(state, condition))) return exitCode
    await clock.sleep(Math.max(1, intervalMs), { signal })
  }
}

function isIn({ status }: ContainerState, condition: string): boolean {
  if (condition === 'configured') return status === 'created'
  return status === (condition === 'stopped' ? 'exited' : condition)
}
