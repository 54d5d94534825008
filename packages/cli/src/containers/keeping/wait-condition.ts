import type { ContainerState, Engine } from '@podwright/contracts'
import type { AbortOptions, Clock } from '@podwright/conventions'
import { durationOf } from '../../command-line/time-flag.ts'
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
  'healthy',
  'unhealthy',
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
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${condition}" for --condition: it is one of ${waitConditions.join(', ')}`)
}

/** A number alone is milliseconds, as with podman. */
function readInterval(text: string): number {
  const milliseconds = /^\d{1,9}$/.test(text) ? Number(text) : durationOf(text)
  if (milliseconds !== undefined) return milliseconds
  throw new CliError('ERR_CLI_FLAG_VALUE', `invalid value "${text}" for --interval: it is a time such as 250ms or 1m30s`)
}

/** Waits until a container is in one of the states; its exit code when it has ended, else -1. */
export async function awaitCondition(
  engine: Pick<Engine, 'containers'>,
  reference: string,
  { conditions, intervalMs }: WaitWish,
  { clock, signal }: AbortOptions & { readonly clock: Clock },
): Promise<number> {
  const { id, name, healthCheck } = await engine.containers.inspect(reference, { signal })
  if (healthCheck === undefined && conditions.every(isOfHealth)) {
    throw new CliError('ERR_CLI_FLAG_CONFLICT', `cannot wait until ${name} is ${conditions.join(' or ')}: it has no health check`)
  }
  const isOver = new AbortController()
  // Of one that is removed as soon as it has ended, nothing else tells it.
  const end = engine.containers.wait(id, { signal: isOver.signal }).catch(() => -1)
  try {
    for (let exitCode: number | undefined; ;) {
      const state = (await engine.containers.list({ all: true, signal })).find((container) => container.id === id)?.state
      if (state === undefined) {
        if (conditions.some((condition) => outlived.has(condition))) return exitCode ?? (await end)
        // The engine says that it is gone.
        return (await engine.containers.inspect(id, { signal })).state.exitCode ?? -1
      }
      exitCode = state.exitCode
      if (conditions.some((condition) => isIn(state, condition))) return exitCode ?? -1
      await clock.sleep(Math.max(1, intervalMs), { signal })
    }
  } finally {
    isOver.abort()
  }
}

/** What a container that is gone has been. */
const outlived: ReadonlySet<string> = new Set(['removed', 'removing', 'exited', 'stopped'])

function isOfHealth(condition: string): boolean {
  return condition === 'healthy' || condition === 'unhealthy'
}

function isIn({ status, health }: ContainerState, condition: string): boolean {
  if (isOfHealth(condition)) return status === 'running' && health?.status === condition
  if (condition === 'configured') return status === 'created'
  return status === (condition === 'stopped' ? 'exited' : condition)
}
