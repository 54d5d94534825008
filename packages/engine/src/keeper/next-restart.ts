import type { ContainerRow } from '../state/record.ts'

/** As docker has them: the first restart waits this long, each one after it twice as long as the one before. */
const firstDelayMs = 100
const longestDelayMs = 60_000
/** Whoever ran for so long begins with the first delay again. */
const provenMs = 10_000

/** How a container ended. */
export interface RunEnd {
  /** -1: nobody saw it. */
  readonly exitCode: number | undefined
  readonly finishedAt: number | undefined
}

/** A restart that a container's policy asks for. */
export interface DueRestart {
  readonly restartAt: number
  readonly restartDelayMs: number
}

/** The restart that follows an end; undefined when the container stays ended, since it has no policy, or somebody has stopped it. */
export function nextRestart(row: ContainerRow, { exitCode, finishedAt = 0 }: RunEnd, bootId: string): DueRestart | undefined {
  const { keeping, desired } = row
  if (keeping?.restart === undefined || desired !== 'running') return undefined
  if (keeping.restart.name === 'on-failure') {
    const { maximumRetries = 0 } = keeping.restart
    // An end by a reboot is no failure of its own.
    if (exitCode === 0 || row.bootId !== bootId) return undefined
    if (maximumRetries > 0 && keeping.restartCount >= maximumRetries) return undefined
  }
  const proven = finishedAt - (row.startedAt ?? finishedAt) >= provenMs
  const restartDelayMs = proven ? firstDelayMs : longer(keeping.restartDelayMs)
  return { restartAt: finishedAt + restartDelayMs, restartDelayMs }
}

/** After a start that failed. */
export function longer(delayMs: number): number {
  return delayMs === 0 ? firstDelayMs : Math.min(delayMs * 2, longestDelayMs)
}

/** When an ended container is to be started again; undefined when it isn't. */
export function restartTime({ desired, status, keeping }: ContainerRow): number | undefined {
  return desired === 'running' && status === 'exited' ? keeping?.restartAt : undefined
}
